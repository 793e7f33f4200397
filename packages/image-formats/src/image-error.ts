/**
 * Why content cannot be read. `unsafe`: it reaches for something else than its own bytes. `corrupt`: it contradicts
 * itself or is cut off. `unsupported`: it is sound as far as one can see, and of a kind that this package does not read.
 */
export type ImageErrorKind = 'unsafe' | 'corrupt' | 'unsupported';

/** Content that a reader of this package refuses. The message is one or two sentences without the content's name. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  constructor(
    readonly kind: ImageErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
