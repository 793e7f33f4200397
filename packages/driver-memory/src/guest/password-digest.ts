import { createHash } from 'node:crypto';

/** What a guest keeps of a password. */
export const passwordDigest = (password: string): string => createHash('sha256').update(password).digest('hex');
