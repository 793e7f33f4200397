import type { CallOptions, MachineId } from '@virt-drivers/core';
import type { AskAgent } from './agent.js';

/** Bytes of one command: well below the agent's limit for a line of JSON. */
const CHUNK = 48 * 1024;

/** Reads a file of the guest, one command at a time as the reader comes for more. */
export async function* readGuestFile(
  ask: AskAgent,
  id: MachineId,
  path: string,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const handle = await ask<number>(id, 'guest-file-open', { path, mode: 'r' }, options);
  try {
    for (;;) {
      const { 'buf-b64': data, eof } = await ask<{ readonly 'buf-b64': string; readonly eof: boolean }>(
        id,
        'guest-file-read',
        { handle, count: CHUNK },
        options,
      );
      if (data !== '') yield Buffer.from(data, 'base64');
      if (eof) return;
    }
  } finally {
    await close(ask, id, handle);
  }
}

/** Writes a file of the guest, made anew. */
export async function writeGuestFile(
  ask: AskAgent,
  id: MachineId,
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: CallOptions,
): Promise<void> {
  const handle = await ask<number>(id, 'guest-file-open', { path, mode: 'w' }, options);
  try {
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; at += CHUNK) {
        const part = Buffer.from(chunk.subarray(at, at + CHUNK)).toString('base64');
        await ask(id, 'guest-file-write', { handle, 'buf-b64': part }, options);
      }
    }
    await ask(id, 'guest-file-flush', { handle }, options);
  } finally {
    await close(ask, id, handle);
  }
}

/** Also after the caller gave up, or the agent would keep the file open; an agent that is gone has closed it. */
const close = (ask: AskAgent, id: MachineId, handle: number): Promise<void> =>
  ask<unknown>(id, 'guest-file-close', { handle }, {}).then(
    () => undefined,
    () => undefined,
  );
