import { DriverError, type NewVolume, type VolumeId } from '@virt-drivers/core';
import { createHash } from 'node:crypto';
import { canonical } from '../identity.js';

/** What client tokens of this session made: datastores keep nothing with a file that could remember it longer. */
export interface Repeats {
  /** The volume that an equal call made before. Errors: `REQUEST.CONFLICT` when the token was used for something else. */
  find(volume: NewVolume): VolumeId | undefined;
  note(volume: NewVolume, id: VolumeId): void;
  forget(id: VolumeId): void;
}

/** Makes an empty memory. */
export function createRepeats(): Repeats {
  const made = new Map<string, { readonly id: VolumeId; readonly hash: string }>();
  return {
    find(volume) {
      const known = volume.clientToken === undefined ? undefined : made.get(volume.clientToken);
      if (!known || known.hash === hashOf(volume)) return known?.id;
      throw new DriverError(
        'REQUEST.CONFLICT',
        `Client token ${volume.clientToken} made volume ${known.id.key} from another input. Use a new token.`,
        { subject: known.id.key },
      );
    },
    note(volume, id) {
      if (volume.clientToken !== undefined) made.set(volume.clientToken, { id, hash: hashOf(volume) });
    },
    forget(id) {
      for (const [token, known] of made) if (known.id.key === id.key && known.id.pool === id.pool) made.delete(token);
    },
  };
}

/** Functions do not count: of a content its checksum says what it is. */
const hashOf = (volume: NewVolume): string => createHash('sha256').update(canonical(volume)).digest('hex');
