import { ErrorCode, ErrorDomain } from '../gen/error-codes.gen.js';
import type { ErrorCodeName } from '../gen/error-codes.gen.js';
import { readRemoteError } from '../gen/structs.gen.js';
import { LibvirtError } from '../libvirt-error.js';
import type { LibvirtErrorCode } from '../libvirt-error.js';
import type { XdrReader } from '../xdr/reader.js';

const LEVELS = ['none', 'warning', 'error'] as const;

/** Decodes the error object that a daemon sends in place of a result. */
export function readLibvirtError(reader: XdrReader): LibvirtError {
  const sent = readRemoteError(reader);
  const message = sent.message ?? 'The daemon reported an error without a message.';
  return new LibvirtError(codeOf(sent.code, message), message, {
    number: sent.code,
    domain: nameOf(ErrorDomain, sent.domain) ?? 'UNKNOWN',
    level: LEVELS[sent.level] ?? 'error',
    strings: [sent.str1, sent.str2, sent.str3].filter((text) => text !== undefined),
    ints: [sent.int1, sent.int2],
  });
}

function codeOf(number: number, message: string): LibvirtErrorCode {
  const name = nameOf<ErrorCodeName>(ErrorCode, number) ?? 'UNKNOWN';
  // QUIRK: a daemon too old for a procedure answers with a plain RPC error. src/rpc/virnetserverprogram.c
  if (name === 'RPC' && /unknown procedure|Cannot find program/.test(message)) return 'NO_SUPPORT';
  return name;
}

function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, number: number): Name | undefined {
  for (const name in table) if (table[name] === number) return name;
  return undefined;
}
