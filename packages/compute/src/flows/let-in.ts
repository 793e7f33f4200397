import { DriverError, type CallOptions } from '@virt-drivers/core';
import type { PlannedImage } from '../disks/plan-disks.js';
import { admitImage, type AdmittedImage, type Gate } from '../image-gate/admit-image.js';
import type { ImageWish } from '../instance/spec.js';
import { callOf } from './flow-options.js';

/** Lets an image through the gate and says what a plan must know of it. Errors: `REQUEST.INVALID` (no gate), and the gate's. */
export async function letIn(
  gate: Gate | undefined,
  instanceId: string,
  { input, declaration }: ImageWish,
  options: CallOptions,
): Promise<{ readonly source: AdmittedImage; readonly planned: PlannedImage }> {
  if (!gate) {
    const text = `Instance ${instanceId} needs an image, but compute was opened without an image cache; open one.`;
    throw new DriverError('REQUEST.INVALID', text, { subject: instanceId });
  }
  const source = await admitImage(input, declaration, gate, callOf(options));
  const { checksum, format, virtualSizeBytes } = source;
  return { source, planned: { sha256: checksum.hex, format, virtualSizeBytes } };
}
