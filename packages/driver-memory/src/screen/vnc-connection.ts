import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { HEIGHT, WIDTH } from './picture.js';

// RFC 6143. Security type 1 (none): the listener is on the loopback address, and there is no secret to guard.
const VERSION = 'RFB 003.008\n';
const NO_SECURITY = 1;

// Message types of clients and how long each is, as far as it is fixed.
const MESSAGE_BYTES: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6 };
const SET_ENCODINGS = 2;
const UPDATE_REQUEST = 3;
const CUT_TEXT = 6;

function serverInit(name: string): Buffer {
  const title = Buffer.from(name, 'utf8');
  const message = Buffer.alloc(24);
  message.writeUInt16BE(WIDTH, 0);
  message.writeUInt16BE(HEIGHT, 2);
  // 32 bits a pixel, depth 24, little-endian true colour, 255 of each, shifts 16, 8, 0.
  message.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0], 4);
  message.writeUInt32BE(title.length, 20);
  return Buffer.concat([message, title]);
}

function update(picture: Uint8Array): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(WIDTH, 8);
  head.writeUInt16BE(HEIGHT, 10);
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 4);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel += 1) {
    const [red = 0, green = 0, blue = 0] = picture.subarray(pixel * 3, pixel * 3 + 3);
    pixels.set([blue, green, red, 0], pixel * 4);
  }
  return Buffer.concat([head, pixels]);
}

/** Length of the first message in the data; undefined while that cannot be known, 0 for what is not understood. */
function messageLength(data: Buffer): number | undefined {
  const kind = data[0] ?? -1;
  if (kind === SET_ENCODINGS) return data.length < 4 ? undefined : 4 + 4 * data.readUInt16BE(2);
  if (kind === CUT_TEXT) return data.length < 8 ? undefined : 8 + data.readUInt32BE(4);
  return MESSAGE_BYTES[kind] ?? 0;
}

/** Serves one viewer until it leaves. `look` gives the picture now. */
export function serveViewer(socket: Socket, name: string, look: () => Promise<Uint8Array>): void {
  let waiting = Buffer.alloc(0);
  let shown = '';
  const send = (data: Uint8Array): void => void socket.write(data);

  const showPicture = async (isIncremental: boolean): Promise<void> => {
    const picture = await look();
    const digest = createHash('sha1').update(picture).digest('hex');
    if (isIncremental && digest === shown) return;
    shown = digest;
    send(update(picture));
  };

  // Each step says how many bytes it needs, or 0 when that is not what the protocol wants.
  const greeting = [
    { length: VERSION.length, answer: () => send(Uint8Array.of(1, NO_SECURITY)) },
    { length: 1, answer: () => send(Uint8Array.of(0, 0, 0, 0)) },
    { length: 1, answer: () => send(serverInit(name)) },
  ];
  const takeMessage = (): boolean => {
    const step = greeting[0];
    const length = step ? step.length : waiting.length === 0 ? undefined : messageLength(waiting);
    if (length === 0) socket.destroy();
    if (length === undefined || length === 0 || waiting.length < length) return false;
    const message = waiting.subarray(0, length);
    waiting = waiting.subarray(length);
    if (step) {
      greeting.shift();
      step.answer();
    } else if (message[0] === UPDATE_REQUEST) {
      showPicture(message[1] !== 0).catch(() => socket.destroy());
    }
    return true;
  };

  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (takeMessage());
  });
  send(Buffer.from(VERSION, 'latin1'));
}
