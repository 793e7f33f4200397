const hidden = new WeakMap<Secret, string>();

/**
 * A value that cannot be printed, serialised or logged by accident: it shows as `[secret]` everywhere, and only
 * `reveal()` gives the text.
 *
 * CONTRACT question 24 (secrets?): passwords and keys travel only as `Secret`, are never part of a record, a manifest,
 * an error or an event, and are ephemeral on the hypervisor where it allows that.
 * Proven by: `errors/secrets-never-appear`.
 */
export class Secret {
  constructor(text: string) {
    hidden.set(this, text);
  }

  /** The secret text. Call it at the last moment, where the bytes are written to the wire. */
  reveal(): string {
    return hidden.get(this) ?? '';
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
