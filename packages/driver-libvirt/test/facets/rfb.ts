import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { byteReader } from './byte-reader.js';

/** What a VNC server says of a password. RFC 6143, sections 7.1 and 7.2. */
export async function tryVncPassword(host: string, port: number, password: string): Promise<'let in' | 'refused'> {
  const socket = connect(port, host);
  socket.setTimeout(20_000, () => socket.destroy(new Error('The VNC server does not answer.')));
  try {
    await once(socket, 'connect');
    const read = byteReader(socket);
    const version = await read(12);
    if (!version.toString('latin1').startsWith('RFB 003.')) throw new Error(`No VNC server: ${version.toString()}`);
    socket.write('RFB 003.008\n');
    const count = (await read(1)).readUInt8();
    const types = await read(count);
    const withPassword = 2;
    if (!types.includes(withPassword)) throw new Error(`It offers security types ${[...types].join()} only.`);
    socket.write(Buffer.of(withPassword));
    socket.write(answerTo(await read(16), password));
    return (await read(4)).readUInt32BE() === 0 ? 'let in' : 'refused';
  } finally {
    socket.destroy();
  }
}

/** DES with the password's bytes, the bits of each turned round; three times the same key in EDE is plain DES. */
function answerTo(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8);
  key.write(password, 'latin1');
  const turned = key.map((byte) => Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2));
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([turned, turned, turned]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}
