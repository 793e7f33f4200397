/** Formats that the inspector tells apart: those that are used as images, and others that must not pass as raw. */
export type ImageFormat =
  | 'raw'
  | 'qcow2'
  | 'vmdk'
  | 'vhd'
  | 'vhdx'
  | 'vdi'
  | 'qed'
  | 'parallels'
  | 'iso'
  | 'luks'
  | 'qcow'
  | 'bochs'
  | 'cloop'
  | 'dmg';

/**
 * Why an image is not to be trusted. `unsafe`: using it could reach something else than its own bytes.
 * `corrupt`: it contradicts itself.
 */
export interface ImageProblem {
  readonly kind: 'unsafe' | 'corrupt';
  /** One sentence without the image's name. */
  readonly message: string;
}

/** What one format's inspector found in the content. */
export interface FormatFindings {
  /** Size of the disk that the content describes. */
  readonly virtualSizeBytes: bigint;
  /** Name of another image that this one continues, as written in it. */
  readonly backingFile?: string;
  /** Name of a file that holds the data, as written in it; empty when the name is missing. */
  readonly dataFile?: string;
  readonly encryption?: 'luks' | 'aes' | 'other';
  /** What it makes use of, for people: `version 3`, `snapshots: 2` … */
  readonly features: readonly string[];
  readonly problems: readonly ImageProblem[];
}

/** What an image is, learned from its bytes alone. */
export interface ImageInspection extends FormatFindings {
  readonly format: ImageFormat;
  /** Every format whose signature is there; more than one is a problem in itself. */
  readonly signatures: readonly ImageFormat[];
  readonly partitionTable?: 'gpt' | 'mbr';
  readonly sizeBytes: bigint;
}

/** A problem that lets the image reach beyond its own bytes. */
export const unsafe = (message: string): ImageProblem => ({ kind: 'unsafe', message });

/** A problem of an image that contradicts itself. */
export const corrupt = (message: string): ImageProblem => ({ kind: 'corrupt', message });
