import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { byteReader } from './byte-reader.js';

const MAGIC = 'REDQ';
const HEADER = 16;
/** Offset of the public key in the server's answer, and its length. */
const KEY = { at: 4, length: 162 };

/** What a SPICE server says of a ticket. https://www.spice-space.org/spice-protocol.html, "Link". */
export async function trySpicePassword(host: string, port: number, password: string): Promise<'let in' | 'refused'> {
  const socket = connect(port, host);
  socket.setTimeout(20_000, () => socket.destroy(new Error('The SPICE server does not answer.')));
  try {
    await once(socket, 'connect');
    const read = byteReader(socket);
    socket.write(linkMessage());
    const header = await read(HEADER);
    if (header.toString('latin1', 0, 4) !== MAGIC) throw new Error('No SPICE server.');
    const answer = await read(header.readUInt32LE(12));
    if (answer.readUInt32LE(0) !== 0) throw new Error(`It refuses to link: ${answer.readUInt32LE(0)}.`);
    const key = createPublicKey({ key: answer.subarray(KEY.at, KEY.at + KEY.length), format: 'der', type: 'spki' });
    const ticket = publicEncrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      Buffer.from(`${password}\0`),
    );
    socket.write(ticket);
    return (await read(4)).readUInt32LE() === 0 ? 'let in' : 'refused';
  } finally {
    socket.destroy();
  }
}

/** Asks for the main channel, without capabilities: then the ticket follows at once. */
function linkMessage(): Buffer {
  const message = Buffer.alloc(HEADER + 18);
  message.write(MAGIC, 'latin1');
  message.writeUInt32LE(2, 4);
  message.writeUInt32LE(2, 8);
  message.writeUInt32LE(18, 12);
  const mainChannel = 1;
  message.writeUInt8(mainChannel, HEADER + 4);
  const capabilitiesAt = 18;
  message.writeUInt32LE(capabilitiesAt, HEADER + 14);
  return message;
}
