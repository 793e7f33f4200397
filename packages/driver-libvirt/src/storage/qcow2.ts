import type { Backend } from './backend.js';

/** QEMU's own format: thin, and able to continue another volume. */
export const qcow2: Backend = {
  format: 'qcow2',
  stores: ['qcow2'],
  continues: true,
  // The content brings a header of its own, which replaces this one.
  placeholder: (fileName, virtualSizeBytes) => ({ fileName, format: 'qcow2', capacityBytes: virtualSizeBytes }),
};
