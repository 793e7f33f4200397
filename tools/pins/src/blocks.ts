import satisfies from 'semver/functions/satisfies.js';
import type { Block } from './pins-schema.js';

/** The block that a version falls under, if any. */
export const blockOf = (blocks: readonly Block[], name: string, version: string): Block | undefined =>
  blocks.find((block) => block.package === name && satisfies(version, block.range, { includePrerelease: true }));
