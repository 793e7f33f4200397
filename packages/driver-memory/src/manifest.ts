import { API_VERSION, type Manifest } from '@virt-drivers/core';
import { capabilities } from './capabilities.js';

export const manifest = {
  name: '@virt-drivers/driver-memory',
  version: '0.1.0',
  apiVersion: API_VERSION,
  title: 'Machines in memory',
  targets: [
    { pattern: 'memory://', example: 'memory://', meaning: 'A new world of its own, gone when it is closed.' },
    { pattern: 'memory://<name>', example: 'memory://lab', meaning: 'The world of that name in this process.' },
    {
      pattern: 'memory:///<path>',
      example: 'memory:///var/lib/virt/world.json',
      meaning: 'A world in a file, which several processes may share.',
    },
  ],
  capabilities,
} as const satisfies Manifest;
