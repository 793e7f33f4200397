import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isVsphereError, protocolViolation, VsphereError } from '../errors/vsphere-error.js';
import type { HttpAnswer } from './http-client.js';

/** An answer longer than this, unpacked, is none. */
const LONGEST = 4 * 2 ** 30;
const SAID = 600;

/** The body of an answer, unpacked, as it arrives. Leaving the loop early ends the connection. */
export async function* answerBody(answer: HttpAnswer, limit = LONGEST): AsyncGenerator<Uint8Array, void, undefined> {
  const packed = answer.headers['content-encoding'] === 'gzip';
  const source: Readable = packed ? answer.body.pipe(createGunzip()) : answer.body;
  if (packed) answer.body.once('error', (error) => source.destroy(error));
  let length = 0;
  try {
    for await (const piece of source) {
      if (!(piece instanceof Uint8Array)) continue;
      length += piece.length;
      if (length > limit) throw protocolViolation(`The answer is longer than ${limit} bytes.`);
      yield piece;
    }
  } catch (error) {
    if (isVsphereError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new VsphereError('CONNECTION_LOST', `The answer ends too early: ${reason}.`, { sent: true, cause: error });
  } finally {
    source.destroy();
    if (!answer.body.complete) answer.body.destroy();
  }
}

/** The error of an answer that only its status explains, with the beginning of what it says. */
export async function statusError(what: string, answer: HttpAnswer): Promise<VsphereError> {
  let text = '';
  try {
    for await (const piece of answerBody(answer)) {
      text += Buffer.from(piece).toString('latin1');
      if (text.length > SAID) break;
    }
  } catch {
    // The status says enough.
  }
  const said = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\0-\x1f]+/g, ' ')
    .trim()
    .slice(0, SAID / 2);
  const message = `${what} was answered with HTTP ${answer.status}${said === '' ? '' : `: ${said}`}.`;
  return new VsphereError('HTTP_STATUS', message, { sent: true, status: answer.status });
}
