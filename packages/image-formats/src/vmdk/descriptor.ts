/** One line of a descriptor that says where data is. */
export interface VmdkExtent {
  readonly access: 'RW' | 'RDONLY' | 'NOACCESS';
  readonly sectors: bigint;
  /** `FLAT`, `SPARSE`, `ZERO`, `VMFS`, `VMFSSPARSE`, `VMFSRDM`, … as written. */
  readonly kind: string;
  /** As written; empty for `ZERO`. */
  readonly fileName: string;
  /** Sectors from the start of the file; only flat extents have it. */
  readonly offset: bigint;
}

/** What a VMDK's text descriptor says. Names are as written: hostile ones, too. */
export interface VmdkDescriptor {
  readonly createType?: string;
  /** Hint to the parent's file; empty when a parent is named by its content id only. */
  readonly parent?: string;
  readonly adapterType?: string;
  readonly extents: readonly VmdkExtent[];
  /** Keys that matter and stand there more than once, which programs read differently. */
  readonly repeated: readonly string[];
}

const EXTENT = /^(RW|RDONLY|NOACCESS)\s+(\d{1,18})\s+(\w+)(?:\s+"([^"]*)"(?:\s+(\d{1,18}))?)?/;
const NO_PARENT = /^f{8}$/i;
const SINGLE_KEYS = ['createType', 'parentCID', 'parentFileNameHint'];

/** Reads a descriptor up to its first zero byte. Never fails: what is missing is missing. */
export function parseDescriptor(text: string): VmdkDescriptor {
  const content = text.split('\0', 1)[0] ?? '';
  const lines = content.split(/\r?\n/).map((line) => line.trim());
  const createType = value(lines, 'createType');
  const hint = value(lines, 'parentFileNameHint');
  const hasParent = hint !== undefined || !NO_PARENT.test(value(lines, 'parentCID') ?? 'ffffffff');
  const adapterType = value(lines, 'ddb.adapterType');
  return {
    ...(createType !== undefined && { createType }),
    ...(hasParent && { parent: hint ?? '' }),
    ...(adapterType !== undefined && { adapterType }),
    extents: lines.flatMap(extentOf),
    // Some readers look for the word anywhere, in comments as well.
    repeated: SINGLE_KEYS.filter((key) => content.toLowerCase().split(key.toLowerCase()).length > 2),
  };
}

function extentOf(line: string): VmdkExtent[] {
  const match = EXTENT.exec(line);
  if (!match) return [];
  const [, access, sectors = '0', kind = '', fileName = '', offset = '0'] = match;
  if (access !== 'RW' && access !== 'RDONLY' && access !== 'NOACCESS') return [];
  return [{ access, sectors: BigInt(sectors), kind, fileName, offset: BigInt(offset) }];
}

function value(lines: readonly string[], key: string): string | undefined {
  const start = key.toLowerCase();
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at < 0 || line.slice(0, at).trim().toLowerCase() !== start) continue;
    return line
      .slice(at + 1)
      .trim()
      .replace(/^"([^"]*)"$/, '$1');
  }
  return undefined;
}

/** The descriptor of a stream-optimised disk. `contentId`: eight hexadecimal digits. */
export function streamDescriptor(sectors: bigint, contentId: string): string {
  const cylinders = sectors / (255n * 63n);
  return [
    '# Disk DescriptorFile',
    'version=1',
    `CID=${contentId}`,
    'parentCID=ffffffff',
    'createType="streamOptimized"',
    '',
    '# Extent description',
    `RW ${sectors} SPARSE "disk.vmdk"`,
    '',
    '# The Disk Data Base',
    '#DDB',
    '',
    'ddb.adapterType = "lsilogic"',
    `ddb.geometry.cylinders = "${cylinders > 65_535n ? 65_535n : cylinders === 0n ? 1n : cylinders}"`,
    'ddb.geometry.heads = "255"',
    'ddb.geometry.sectors = "63"',
    'ddb.virtualHWVersion = "4"',
    '',
  ].join('\n');
}
