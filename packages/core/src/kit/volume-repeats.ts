import { DriverError } from '../errors/driver-error.js';
import type { NewVolume } from '../contract/volumes.js';
import { sameVolume, type VolumeId } from '../values/identifiers.js';
import { canonicalDigest } from './canonical-text.js';

/** What client tokens made as long as a session is open, where nothing that is kept with a volume could remember it longer. */
export interface VolumeRepeats {
  /** The volume that an equal call made before. Errors: `REQUEST.CONFLICT` when the token was used for something else. */
  find(volume: NewVolume): VolumeId | undefined;
  /** Remembers what a call made, where it has a token. */
  note(volume: NewVolume, id: VolumeId): void;
  /** Of a volume that is gone. */
  forget(id: VolumeId): void;
}

/** A memory that is empty. Of a content its checksum counts, for its functions cannot be compared. */
export function createVolumeRepeats(): VolumeRepeats {
  const made = new Map<string, { readonly id: VolumeId; readonly digest: string }>();
  return {
    find(volume) {
      const known = volume.clientToken === undefined ? undefined : made.get(volume.clientToken);
      if (!known || known.digest === canonicalDigest(volume)) return known?.id;
      const message = `Client token ${volume.clientToken} made volume ${known.id.key} from another input. Use a new token.`;
      throw new DriverError('REQUEST.CONFLICT', message, { subject: known.id.key });
    },
    note(volume, id) {
      if (volume.clientToken !== undefined) made.set(volume.clientToken, { id, digest: canonicalDigest(volume) });
    },
    forget(id) {
      for (const [token, known] of made) if (sameVolume(known.id, id)) made.delete(token);
    },
  };
}
