import { isAscii } from 'node:buffer';

const HIGH_BIT = 0x80;

/** Text that arrives as UTF-8 in pieces, which may end within a character. */
export class Utf8Pieces {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private begun = false;

  /** The text of the next piece. What is ASCII, as most of an answer, needs half the memory and no decoder. */
  next(piece: Uint8Array): string {
    if (!this.begun && isAscii(piece))
      return Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    // The next piece may begin with the rest of a character.
    this.begun = ((piece.at(-1) ?? 0) & HIGH_BIT) !== 0;
    return this.decoder.decode(piece, { stream: true });
  }

  /** What is left when there is no more. */
  end(): string {
    return this.decoder.decode();
  }
}
