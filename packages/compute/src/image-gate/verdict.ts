import { DriverError, type ErrorCode } from '@virt-drivers/core';
import type { ImageInspection } from '../image/inspect-image.js';
import { DEFAULT_MAXIMUM_VIRTUAL_SIZE, type ImageDeclaration, type ImageLimits } from './declaration.js';

/**
 * Why the gate refuses an image, or undefined when it may pass. Ambiguity comes first, because then no answer about the
 * format is worth anything; then the declaration, references to elsewhere, encryption, contradictions, size.
 */
export function refusal(
  name: string,
  inspection: ImageInspection,
  declaration: ImageDeclaration,
  limits: ImageLimits = {},
): DriverError | undefined {
  const no = (code: ErrorCode, rest: string): DriverError =>
    new DriverError(code, `Image "${name}" ${rest}`, { subject: name });
  const said = (kind: 'unsafe' | 'corrupt'): string | undefined =>
    inspection.problems.find((problem) => problem.kind === kind)?.message;
  const maximum = limits.maximumVirtualSizeBytes ?? DEFAULT_MAXIMUM_VIRTUAL_SIZE;

  if (inspection.signatures.length > 1) return no('IMAGE.UNSAFE', `is refused. ${said('unsafe')}`);
  if (!sameFormat(inspection, declaration)) {
    return no(
      'IMAGE.FORMAT_MISMATCH',
      `is declared as ${declaration.format} and is ${inspection.format}; declare what it is.`,
    );
  }
  if (said('unsafe')) return no('IMAGE.UNSAFE', `is refused. ${said('unsafe')} Give a flat image without references.`);
  if (inspection.encryption !== declaration.encryption) return no('IMAGE.UNSAFE', encryptionText(inspection));
  if (said('corrupt')) return no('IMAGE.CORRUPT', `cannot be used. ${said('corrupt')} Get it again from its source.`);
  if (inspection.virtualSizeBytes > maximum) {
    return no('IMAGE.TOO_LARGE', `describes a disk of ${inspection.virtualSizeBytes} bytes; ${maximum} are allowed.`);
  }
  return undefined;
}

// A LUKS container has no format of its own around it: it is raw with encrypted content.
const sameFormat = ({ format }: ImageInspection, declaration: ImageDeclaration): boolean =>
  format === declaration.format ||
  (format === 'luks' && declaration.format === 'raw' && declaration.encryption === 'luks');

const encryptionText = ({ encryption }: ImageInspection): string =>
  encryption ? `is encrypted (${encryption}) and was not declared so.` : 'was declared as encrypted and is not.';
