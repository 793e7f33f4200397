import type { Backend } from './backend.js';

/** An optical medium: bytes as in `raw`, under a name that says what they are. */
export const iso: Backend = {
  format: 'iso',
  stores: ['iso', 'raw'],
  continues: false,
  placeholder: (fileName, virtualSizeBytes) => ({ fileName, format: 'iso', capacityBytes: virtualSizeBytes }),
};
