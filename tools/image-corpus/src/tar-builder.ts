/** A member as a test wants it to look, lies included. */
export interface TarEntry {
  readonly name: string;
  readonly content?: Buffer;
  /** Default `0`, a plain file. */
  readonly type?: string;
  /** Default: the content's. */
  readonly size?: bigint;
  readonly linkName?: string;
  readonly magic?: string;
  readonly checksum?: number;
}

/** The blocks of one member. */
export function tarEntry({
  name,
  content = Buffer.alloc(0),
  type = '0',
  size,
  linkName = '',
  magic,
  checksum,
}: TarEntry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 'utf8');
  header.write('0000644\0' + '0000000\0'.repeat(2), 100, 'latin1');
  const length = size ?? BigInt(content.length);
  if (length < 1n << 33n) header.write(`${length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  else header.write(`80${length.toString(16).padStart(22, '0')}`, 124, 'hex');
  header.write('00000000000\0', 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(linkName, 157, 'utf8');
  header.write(magic ?? 'ustar\x0000', 257, 'latin1');
  const sum = checksum ?? header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** An archive of these members, with the two blocks of zeros at its end. */
export const tar = (entries: readonly TarEntry[], end = Buffer.alloc(1_024)): Buffer =>
  Buffer.concat([...entries.map(tarEntry), end]);

/** One record of an extended header. */
export function record(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}
