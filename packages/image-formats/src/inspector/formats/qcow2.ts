import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type FormatFindings, type ImageProblem } from '../inspection.js';
import { hasText } from '../probe.js';
import { NO_EXTENSIONS, readExtensions, type Qcow2Extensions } from './qcow2-extensions.js';
import { featureProblems, isExternalData, usedFeatures } from './qcow2-features.js';
import { headerProblems, readHeader, type Qcow2Header } from './qcow2-header.js';
import { tableProblems } from './qcow2-tables.js';

const LONGEST_NAME = 1_023;
const ENCRYPTION: Readonly<Record<number, 'aes' | 'luks'>> = { 1: 'aes', 2: 'luks' };

/**
 * QEMU copy-on-write images, versions 2 and 3, checked against the format's specification (QEMU docs/interop/qcow2):
 * header, header extensions, feature bits, and the tables down to where the guest's data lies.
 */
export const qcow2: FormatInspector = {
  format: 'qcow2',
  matches: (probe) => hasText(probe, 'QFI\xfb') && !hasText(probe, '\0\0\0\x01', 4),
  inspect: async (source, { head }) => {
    const header = readHeader(head);
    if (!header)
      return {
        virtualSizeBytes: 0n,
        features: [],
        problems: [corrupt('Its header is truncated or of an unknown version.')],
      };
    const wrong = headerProblems(header, source.sizeBytes);
    // A header that contradicts itself says nothing reliable about where anything else is.
    const extensions = wrong.length === 0 ? await readExtensions(source, header) : NO_EXTENSIONS;
    // Tables of an image with an external data file point into that file.
    const tables = wrong.length === 0 && !isExternalData(header) ? await tableProblems(source, header) : [];
    const references = await referencedFiles(header, extensions, (length) => source.read(header.backingOffset, length));
    return {
      virtualSizeBytes: header.virtualSizeBytes,
      ...references.found,
      ...(header.cryptMethod !== 0 && { encryption: ENCRYPTION[header.cryptMethod] ?? 'other' }),
      features: [...usedFeatures(header), ...extensions.features],
      problems: [...featureProblems(header), ...references.problems, ...wrong, ...extensions.problems, ...tables],
    };
  },
};

interface References {
  readonly found: Pick<FormatFindings, 'backingFile' | 'dataFile'>;
  readonly problems: readonly ImageProblem[];
}

async function referencedFiles(
  header: Qcow2Header,
  extensions: Qcow2Extensions,
  readName: (length: number) => Promise<Buffer>,
): Promise<References> {
  const found: { backingFile?: string; dataFile?: string } = {};
  const problems: ImageProblem[] = [];
  if (header.backingOffset !== 0n || extensions.backingFormat !== undefined) {
    const name = await readName(Math.min(header.backingLength, LONGEST_NAME));
    found.backingFile = printable(name.toString('utf8'));
    problems.push(unsafe(`It names a backing file ("${found.backingFile}").`));
  }
  if (isExternalData(header) || extensions.dataFile !== undefined) {
    found.dataFile = printable(extensions.dataFile ?? '');
    problems.push(unsafe(`It keeps its data in an external file ("${found.dataFile}").`));
  }
  return { found, problems };
}

// Control characters of a hostile name must not reach a terminal or a log.
const printable = (text: string): string => text.replace(/\p{C}/gu, '?').slice(0, LONGEST_NAME);
