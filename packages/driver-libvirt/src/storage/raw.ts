import type { Backend } from './backend.js';

/** The disk's bytes and nothing else. */
export const raw: Backend = {
  format: 'raw',
  stores: ['raw', 'iso'],
  continues: false,
  placeholder: (fileName, virtualSizeBytes) => ({ fileName, format: 'raw', capacityBytes: virtualSizeBytes }),
};
