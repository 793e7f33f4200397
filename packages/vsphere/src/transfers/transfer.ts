import type { CallOptions } from '../call-options.js';
import { isVsphereError, VsphereError } from '../errors/vsphere-error.js';
import { answerBody, statusError } from '../http/answer-body.js';
import type { HttpAnswer, HttpClient } from '../http/http-client.js';
import type { ToldTrust } from '../http/server-trust.js';
import { startLimit } from '../wait-limit.js';
import { counted, type OnBytes } from './counted.js';

/** Where a transfer goes, and with what rights. */
export interface Place {
  /** How errors call it. */
  readonly what: string;
  readonly url: URL;
  readonly tls?: ToldTrust | undefined;
  /** For one request; a ticket is good for one. */
  readonly cookie: (method: 'GET' | 'HEAD' | 'PUT' | 'POST', signal: AbortSignal) => Promise<string | undefined>;
}

export interface TransferOptions extends CallOptions {
  /** Is told how many bytes went over in all. */
  readonly onBytes?: OnBytes | undefined;
}
export interface UploadOptions extends TransferOptions {
  /** Bytes; the source must have exactly so many. */
  readonly size?: number | undefined;
}
export interface DownloadOptions extends TransferOptions {
  /** The first byte; 0 when absent. */
  readonly start?: number | undefined;
  /** The byte after the last; the end of the file when absent. */
  readonly end?: number | undefined;
}

/** A transfer without a deadline may last as long as the longest clone. */
const A_DAY_MS = 86_400_000;
/** How often a download that stops goes on where it was; counted anew whenever something arrived. */
const RESUMES = 3;
const ASK_FIRST_FROM = 1 << 20;

/** Sends a source. What a failed upload leaves on the server is the caller's to remove. */
export async function upload(
  http: HttpClient,
  place: Place,
  method: 'PUT' | 'POST',
  source: AsyncIterable<Uint8Array>,
  { size, onBytes, ...options }: UploadOptions,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const limit = startLimit(`The upload of ${place.what}`, options, A_DAY_MS);
  try {
    const cookie = await place.cookie(method, limit.signal);
    const request = {
      method,
      url: place.url,
      signal: limit.signal,
      ownConnection: true,
      body: counted(place.what, source, size, onBytes),
      headers: {
        'content-type': 'application/octet-stream',
        ...headers,
        ...(size === undefined ? {} : { 'content-length': String(size) }),
        ...(size === undefined || size >= ASK_FIRST_FROM ? { expect: '100-continue' } : {}),
        ...(cookie === undefined ? {} : { cookie }),
      },
    };
    const answer = await http.send(request, place.tls);
    if (answer.status < 200 || answer.status > 299) throw await statusError(`The upload of ${place.what}`, answer);
    for await (const _ of answerBody(answer)) limit.signal.throwIfAborted();
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    limit.end();
  }
}

/** Reads a file, or a part of one. A connection that is lost on the way is replaced, and the reading goes on where it was. */
export async function* download(
  http: HttpClient,
  place: Place,
  { start = 0, end, onBytes, ...options }: DownloadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const limit = startLimit(`The download of ${place.what}`, options, A_DAY_MS);
  let position = start;
  let length = end;
  try {
    for (let resumes = 0; length === undefined || position < length; resumes++) {
      try {
        const answer = await ask(http, place, position, length, limit.signal);
        const declared = answer.headers['content-length'];
        length ??= declared === undefined ? undefined : position + Number(declared);
        for await (const piece of answerBody(answer)) {
          limit.signal.throwIfAborted();
          position += piece.length;
          resumes = 0;
          onBytes?.(position - start);
          yield piece;
        }
        if (length === undefined) return;
        if (position > length) throw tooLong(place, length);
        if (position < length) throw lost(place, position, length);
      } catch (error) {
        if (limit.signal.aborted) throw limit.signal.reason;
        const again = isVsphereError(error) && ['CONNECTION_LOST', 'TRANSFER_INCOMPLETE'].includes(error.code);
        if (!again || resumes >= RESUMES || length === undefined) throw error;
      }
    }
  } finally {
    limit.end();
  }
}

/** The length of a file in bytes; undefined when there is none, or the server does not say. */
export async function head(http: HttpClient, place: Place, options: CallOptions, timeout: number) {
  const limit = startLimit(`The look at ${place.what}`, options, timeout);
  try {
    const cookie = await place.cookie('HEAD', limit.signal);
    const headers = cookie === undefined ? {} : { cookie };
    const answer = await http.send({ method: 'HEAD', url: place.url, headers, signal: limit.signal }, place.tls);
    answer.body.resume();
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw await statusError(`The look at ${place.what}`, answer);
    return { size: Number(answer.headers['content-length'] ?? Number.NaN) };
  } finally {
    limit.end();
  }
}

async function ask(
  http: HttpClient,
  place: Place,
  position: number,
  end: number | undefined,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const cookie = await place.cookie('GET', signal);
  const whole = position === 0 && end === undefined;
  const range = whole ? {} : { range: `bytes=${position}-${end === undefined ? '' : end - 1}` };
  const headers = { ...range, ...(cookie === undefined ? {} : { cookie }) };
  const request = { method: 'GET' as const, url: place.url, headers, signal, ownConnection: true };
  const answer = await http.send(request, place.tls);
  if (answer.status === (whole ? 200 : 206)) return answer;
  if (answer.status === 200) {
    answer.body.destroy();
    throw new VsphereError('PROTOCOL_VIOLATION', `The server does not serve parts of ${place.what}.`, { sent: true });
  }
  throw await statusError(`The download of ${place.what}`, answer);
}

function lost(place: Place, position: number, length: number): VsphereError {
  return new VsphereError('TRANSFER_INCOMPLETE', `${place.what} ended after ${position} of ${length} bytes.`, {
    sent: true,
  });
}

function tooLong(place: Place, length: number): VsphereError {
  return new VsphereError(
    'PROTOCOL_VIOLATION',
    `${place.what} is longer than the ${length} bytes it was said to have.`,
    {
      sent: true,
    },
  );
}
