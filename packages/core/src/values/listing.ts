/**
 * A listing that streams: iterate it, or await `all()`. Nothing is read before the first of these, and breaking out of
 * the loop stops the reading. Objects that vanish meanwhile are left out silently; objects that could not be read are
 * left out and counted in `unreadable` once the iteration is over.
 */
export interface Listing<Item> extends AsyncIterable<Item> {
  /** Reads to the end into an array. */
  all(): Promise<readonly Item[]>;
  /** How many objects could not be read (permission, corrupt), valid when the iteration has ended. */
  readonly unreadable: number;
}
