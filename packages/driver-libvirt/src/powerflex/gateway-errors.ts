import { DriverError, type Secret } from '@virt-drivers/core';
import { mapNativeError, redactText, type ErrorTable } from '@virt-drivers/core/kit';
import * as v from 'valibot';
import { NoAnswer, type GatewayAnswer } from './gateway-http.js';

/** What a call to the gateway is about. */
export interface AboutGateway {
  /** Subject of the error's sentence, for example `Volume 2b4…`. */
  readonly what: string;
  readonly subject?: string;
  /** The call only reads, so that nothing has changed however it ends. */
  readonly reads: boolean;
  /** What the gateway might repeat in its errors. */
  readonly secrets: readonly Secret[];
}

/** Codes that callers tell apart. */
export const ALREADY_MAPPED = '81';
export const NOT_MAPPED = '84';

/** The management's codes in the contract. */
const CODES = {
  '6': { code: 'VOLUME.EXISTS', says: 'has the name of another volume; names are unique in the whole system' },
  '78': { code: 'VOLUME.NOT_FOUND', says: 'is not there' },
  '79': { code: 'VOLUME.NOT_FOUND', says: 'is not there' },
  [ALREADY_MAPPED]: { code: 'VOLUME.IN_USE', says: 'is mapped to this host already' },
  [NOT_MAPPED]: { code: 'VOLUME.IN_USE', says: 'is not mapped to this host' },
  '104': { code: 'VOLUME.IN_USE', says: 'is mapped to a host; detach it there first' },
  '133': { code: 'VOLUME.CANNOT_SHRINK', says: 'cannot become smaller' },
  '182': { code: 'POOL.FULL', says: 'has as many snapshots as the system keeps of one volume; make a full copy' },
} as const satisfies ErrorTable;

/** Where the code is none of those, for releases differ: what the message says. */
const MESSAGES = [
  [/name already in use/i, '6'],
  [/could not find the volume/i, '79'],
  [/already mapped to this sdc/i, ALREADY_MAPPED],
  [/not mapped to (this|the) sdc/i, NOT_MAPPED],
  [/can only be increased/i, '133'],
] as const satisfies readonly (readonly [RegExp, keyof typeof CODES])[];

const FULL = /exceeds the volume allocation limit|not enough (free )?capacity/i;
const REMOVING = /removal operation is (currently )?in progress/i;

const failure = v.object({ message: v.string(), errorCode: v.optional(v.number(), 0) });

/** The contract's error for an answer that is none of success. */
export function errorOfAnswer({ status, text }: GatewayAnswer, about: AboutGateway): DriverError {
  const { what, subject, secrets } = about;
  const told = v.safeParse(failure, parsed(text));
  if (!told.success) return unavailable(`answered with status ${status}`, about, true);
  const { message, errorCode } = told.output;
  const by = { what, message, secrets, ...(subject === undefined ? {} : { subject }) };
  if (FULL.test(message)) return mapNativeError({ full: 'POOL.FULL' }, { ...by, code: 'full' });
  if (REMOVING.test(message)) return mapNativeError({ removing: 'VOLUME.BUSY' }, { ...by, code: 'removing' });
  const code = Object.hasOwn(CODES, String(errorCode))
    ? String(errorCode)
    : (MESSAGES.find(([pattern]) => pattern.test(message))?.[1] ?? String(errorCode));
  return mapNativeError(CODES, { ...by, code });
}

/** The contract's error for a request that got no answer; others pass as they are. */
export function errorOfSending(error: unknown, about: AboutGateway): unknown {
  if (!(error instanceof NoAnswer)) return error;
  if (error.untrusted) {
    const message = `${about.what}: the PowerFlex gateway has a certificate that nobody vouches for (${error.message}). Name its authority in option powerflex.caFile.`;
    return new DriverError('POOL.UNAVAILABLE', message, { retryable: false, cause: error });
  }
  return unavailable(`cannot be reached: ${error.message}`, about, error.reached, error);
}

/** Errors: `POOL.UNAVAILABLE`; what was to be changed may have been, where the request had arrived. */
function unavailable(why: string, about: AboutGateway, arrived: boolean, cause?: unknown): DriverError {
  const unknown = arrived && !about.reads;
  const after = unknown ? ' Whether it took effect is unknown; look before calling again.' : ' Nothing was changed.';
  return new DriverError(
    'POOL.UNAVAILABLE',
    `${about.what}: the PowerFlex gateway ${redactText(why, about.secrets)}.${after}`,
    {
      stateAfter: unknown ? 'unknown' : 'unchanged',
      ...(about.subject === undefined ? {} : { subject: about.subject }),
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** The text as JSON; undefined for what is none, as front-end servers send it. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
