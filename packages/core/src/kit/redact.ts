import type { Secret } from '../values/secret.js';

/** What is shown instead of a secret. */
export const REDACTED = '[secret]';

// Names of fields that hold secrets in the APIs that drivers speak. Not plain `key` or `token`-like ids of ours:
// a volume's key and a client token are needed to understand a log.
const SECRET_FIELD = new RegExp(
  [
    'pass(word|wd|phrase|code)|^pass$|^pwd$|secret|credential|authorization|cookie|ticket|bearer|^token$',
    '(access|auth|session|api|private|encryption|master|ssh)[-_]?(token|key)$',
  ].join('|'),
  'i',
);

const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*):[^\s/?#@]*@/gi;
const QUERY_SECRET =
  /([?&;](?:password|passwd|pwd|token|access_token|secret|ticket|session_id|api_?key)=)[^&#\s;"']+/gi;
// A digit or padding tells a credential from a word that follows.
const AUTHORIZATION = /\b((?:Basic|Bearer|Negotiate|NTLM)\s+)(?=[^\s]*[0-9=])[A-Za-z0-9+/=._~-]{8,}/g;

/** The text without passwords in URLs, credentials in headers, and the secrets given. */
export function redactText(text: string, secrets: readonly Secret[] = []): string {
  const general = text
    .replace(URL_PASSWORD, `$1:${REDACTED}@`)
    .replace(QUERY_SECRET, `$1${REDACTED}`)
    .replace(AUTHORIZATION, `$1${REDACTED}`);
  return secrets.reduce((result, secret) => hide(result, secret.reveal()), general);
}

function hide(text: string, secret: string): string {
  if (secret === '') return text;
  const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  return [...forms].reduce((result, form) => result.replaceAll(form, REDACTED), text);
}

/**
 * A copy of any data that is safe to log: plain objects and arrays, with secrets, fields whose name says that they
 * hold one, and credentials in texts replaced; bytes are shown as their number, cycles as `[circular]`.
 */
export function redact(data: unknown, secrets: readonly Secret[] = []): unknown {
  return redactValue(data, secrets, new Set());
}

function redactValue(value: unknown, secrets: readonly Secret[], above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (isSecret(value)) return REDACTED;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (above.has(value)) return '[circular]';
  above.add(value);
  try {
    return redactObject(value, secrets, above);
  } finally {
    above.delete(value);
  }
}

function redactObject(value: object, secrets: readonly Secret[], above: Set<object>): unknown {
  const inner = (item: unknown): unknown => redactValue(item, secrets, above);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) return redactFields([...value], inner);
  if (value instanceof Set) return [...value].map(inner);
  if (value instanceof URL) return inner(value.href);
  const fields = Object.entries(value);
  // What matters most about an error is not enumerable.
  if (isError(value)) fields.unshift(['name', value.name], ['message', value.message], ['cause', value.cause]);
  return redactFields(fields, inner);
}

// By structure, because the secret may come from another copy of the package.
const isSecret = (value: object): boolean => 'reveal' in value && typeof value.reveal === 'function';

const isError = (value: object): value is Error => 'stack' in value && 'message' in value && 'name' in value;

function redactFields(fields: readonly (readonly [unknown, unknown])[], inner: (item: unknown) => unknown): unknown {
  const shown = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [String(name), hidesSecret(String(name), value) ? REDACTED : inner(value)]);
  return Object.fromEntries(shown) as unknown;
}

/** A number, a boolean or a date under such a name is about the secret, not the secret. */
const hidesSecret = (name: string, value: unknown): boolean =>
  SECRET_FIELD.test(name) &&
  value !== null &&
  (typeof value === 'string' || (typeof value === 'object' && !(value instanceof Date)));
