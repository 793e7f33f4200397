import { DriverError, isDriverError, Secret, type CallOptions } from '@virt-drivers/core';
import { abortable, deadlineIn, retryWhile, withDeadline } from '@virt-drivers/core/kit';
import * as v from 'valibot';
import { errorOfAnswer, errorOfSending, parsed, type AboutGateway } from './gateway-errors.js';
import type { GatewayAnswer, GatewayHttp, GatewayRequest } from './gateway-http.js';

/** Who we are at the gateway; asked for anew with every login, so that a changed password is found. */
export interface GatewayAccount {
  readonly user: string;
  password(): Promise<Secret>;
}

/** What a call is about, for its error. */
export type About = Pick<AboutGateway, 'what' | 'subject'>;

/** Calls under one account. Answers are checked against a schema: nothing of a gateway is believed unseen. */
export interface GatewaySession {
  /** Reads; tried again while the gateway is away, until the deadline. */
  get<T>(path: string, schema: v.GenericSchema<unknown, T>, about: About, options: CallOptions): Promise<T>;
  /** Changes something; never sent twice, but where the gateway did nothing: it was not reached, or did not know us. */
  post<T>(
    path: string,
    body: object,
    schema: v.GenericSchema<unknown, T>,
    about: About,
    options: CallOptions,
  ): Promise<T>;
  /** The same for what may be done twice: tried again, too, where nobody knows whether it was done. */
  postAgain(path: string, body: object, about: About, options: CallOptions): Promise<void>;
}

/** How long a call may take with all its tries; nothing the gateway is asked for takes long. */
const USUAL = { seconds: 30 } as const;

const tokenSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/**
 * Calls with a token that is asked for once and used by all, until the gateway no longer takes it: it forgets one after
 * ten minutes without a call, and after eight hours.
 */
export function createGatewaySession(http: GatewayHttp, account: GatewayAccount): GatewaySession {
  let known: Promise<Secret> | undefined;

  const send = (request: GatewayRequest, about: AboutGateway, options: CallOptions): Promise<GatewayAnswer> =>
    withDeadline(
      options,
      USUAL,
      async ({ signal }) => {
        try {
          return await http.send(request, signal);
        } catch (error) {
          throw errorOfSending(error, about);
        }
      },
      { what: about.what, ...(about.reads ? { stateAfter: 'unchanged' } : {}) },
    );

  const login = async (): Promise<Secret> => {
    const password = await account.password();
    const about = { what: `Account ${account.user}`, reads: true, secrets: [password] };
    const authorization = basic(account.user, password);
    const answer = await send({ method: 'GET', path: '/api/login', authorization }, about, {});
    if (answer.status === 401 || answer.status === 403) throw refused(answer, about);
    if (answer.status !== 200) throw errorOfAnswer(answer, about);
    return new Secret(checked(tokenSchema, answer, about));
  };

  /** The token that all use; another one than that which was refused. */
  const tokenBut = (refusedOne: Promise<Secret> | undefined): Promise<Secret> => {
    if (known && known !== refusedOne) return known;
    const asking = login();
    known = asking;
    asking.catch(() => {
      if (known === asking) known = undefined;
    });
    return asking;
  };

  const once = async <T>(
    request: Omit<GatewayRequest, 'authorization'>,
    schema: v.GenericSchema<unknown, T>,
    { what, subject }: About,
    options: CallOptions,
  ): Promise<T> => {
    const reads = request.method === 'GET';
    let refusedOne: Promise<Secret> | undefined;
    for (;;) {
      const using = tokenBut(refusedOne);
      // One caller's deadline is none of the others', who may wait for the same login.
      const token = await abortable(using, options, { what, stateAfter: 'unchanged' });
      const about = { what, reads, secrets: [token], ...(subject === undefined ? {} : { subject }) };
      const answer = await send({ ...request, authorization: basic('', token) }, about, options);
      if (answer.status === 401 && !refusedOne) {
        refusedOne = using;
        continue;
      }
      if (answer.status === 401 || answer.status === 403) throw refused(answer, about);
      if (answer.status !== 200) throw errorOfAnswer(answer, about);
      return checked(schema, answer, about);
    }
  };

  const call = <T>(
    request: Omit<GatewayRequest, 'authorization'>,
    schema: v.GenericSchema<unknown, T>,
    about: About,
    options: CallOptions,
    repeatable: boolean,
  ): Promise<T> => {
    const usual = deadlineIn(USUAL);
    const { deadline = usual } = options;
    return retryWhile(
      { ...options, deadline: deadline < usual ? deadline : usual },
      (bounded) => once(request, schema, about, bounded),
      {
        when: (error) => isDriverError(error, 'POOL.UNAVAILABLE') && (repeatable || error.stateAfter === 'unchanged'),
      },
    );
  };

  return {
    get: (path, schema, about, options) => call({ method: 'GET', path }, schema, about, options, true),
    post: (path, body, schema, about, options) =>
      call({ method: 'POST', path, body: JSON.stringify(body) }, schema, about, options, false),
    async postAgain(path, body, about, options) {
      await call({ method: 'POST', path, body: JSON.stringify(body) }, v.unknown(), about, options, true);
    },
  };
}

const basic = (user: string, secret: Secret): string =>
  `Basic ${Buffer.from(`${user}:${secret.reveal()}`).toString('base64')}`;

function checked<T>(schema: v.GenericSchema<unknown, T>, { text }: GatewayAnswer, { what, reads }: AboutGateway): T {
  const result = v.safeParse(schema, text === '' ? undefined : parsed(text));
  if (result.success) return result.output;
  const where = result.issues[0].path?.map(({ key }) => String(key)).join('.') ?? 'as a whole';
  throw new DriverError(
    'HOST.FAILED',
    `${what}: the PowerFlex gateway answered in a way that this driver does not know (${where}). Check its version.`,
    { stateAfter: reads ? 'unchanged' : 'unknown' },
  );
}

/** Errors: `ACCESS.UNAUTHENTICATED`, `ACCESS.DENIED`. The gateway did nothing for somebody whom it does not know. */
const refused = ({ status }: GatewayAnswer, { what }: AboutGateway): DriverError =>
  status === 401
    ? new DriverError('ACCESS.UNAUTHENTICATED', `${what}: the PowerFlex gateway does not accept user and password.`)
    : new DriverError(
        'ACCESS.DENIED',
        `${what}: the PowerFlex gateway refuses this to the account; give it a role that may.`,
      );
