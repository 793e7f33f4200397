/** Fields of a small qcow2 image that a test may lie about. Defaults make a sound, empty image of 1 MiB. */
export interface Qcow2Lies {
  readonly version?: number;
  readonly backingOffset?: bigint;
  readonly backingLength?: number;
  readonly clusterBits?: number;
  readonly virtualSize?: bigint;
  readonly cryptMethod?: number;
  readonly l1Entries?: number;
  readonly l1Offset?: bigint;
  readonly refcountOffset?: bigint;
  readonly refcountClusters?: number;
  readonly snapshots?: number;
  readonly snapshotsOffset?: bigint;
  readonly incompatible?: bigint;
  readonly autoclear?: bigint;
  readonly refcountOrder?: number;
  readonly headerLength?: number;
  /** Bytes written at the end of the header: header extensions. */
  readonly extensions?: Buffer;
  /** Text written at `backingOffset`. */
  readonly backingFile?: string;
  /** First entries of the L1 table. */
  readonly l1?: readonly bigint[];
  /** First entries of the L2 table in cluster 3. */
  readonly l2?: readonly bigint[];
  readonly length?: number;
}

const CLUSTER = 65_536;

/** Four clusters: header, reference count table, L1 table, L2 table. */
export function qcow2(lies: Qcow2Lies = {}): Buffer {
  const image = Buffer.alloc(CLUSTER * 4);
  const version = lies.version ?? 3;
  const headerLength = lies.headerLength ?? (version === 3 ? 104 : 72);
  const backing = lies.backingFile === undefined ? 0n : 1_024n;
  image.write('QFI\xfb', 'latin1');
  image.writeUInt32BE(version, 4);
  image.writeBigUInt64BE(lies.backingOffset ?? backing, 8);
  image.writeUInt32BE(lies.backingLength ?? Buffer.byteLength(lies.backingFile ?? ''), 16);
  image.writeUInt32BE(lies.clusterBits ?? 16, 20);
  image.writeBigUInt64BE(lies.virtualSize ?? 1_048_576n, 24);
  image.writeUInt32BE(lies.cryptMethod ?? 0, 32);
  image.writeUInt32BE(lies.l1Entries ?? 1, 36);
  image.writeBigUInt64BE(lies.l1Offset ?? BigInt(CLUSTER * 2), 40);
  image.writeBigUInt64BE(lies.refcountOffset ?? BigInt(CLUSTER), 48);
  image.writeUInt32BE(lies.refcountClusters ?? 1, 56);
  image.writeUInt32BE(lies.snapshots ?? 0, 60);
  image.writeBigUInt64BE(lies.snapshotsOffset ?? 0n, 64);
  if (version === 3) writeVersion3(image, lies, headerLength);
  lies.extensions?.copy(image, Math.min(headerLength, CLUSTER));
  if (lies.backingFile !== undefined) image.write(lies.backingFile, 1_024);
  lies.l1?.forEach((entry, index) => image.writeBigUInt64BE(entry, CLUSTER * 2 + index * 8));
  lies.l2?.forEach((entry, index) => image.writeBigUInt64BE(entry, CLUSTER * 3 + index * 8));
  return image.subarray(0, lies.length ?? image.length);
}

function writeVersion3(image: Buffer, lies: Qcow2Lies, headerLength: number): void {
  image.writeBigUInt64BE(lies.incompatible ?? 0n, 72);
  image.writeBigUInt64BE(lies.autoclear ?? 0n, 88);
  image.writeUInt32BE(lies.refcountOrder ?? 4, 96);
  image.writeUInt32BE(headerLength, 100);
}

/** One header extension, its data padded to eight bytes; `claim` is the length it claims to have. */
export function extension(type: number, data: string, claim = Buffer.byteLength(data)): Buffer {
  const bytes = Buffer.alloc(8 + Math.ceil(Buffer.byteLength(data) / 8) * 8);
  bytes.writeUInt32BE(type, 0);
  bytes.writeUInt32BE(claim, 4);
  bytes.write(data, 8);
  return bytes;
}
