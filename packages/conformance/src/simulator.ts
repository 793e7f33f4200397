/** What answers in place of the product that it claims to be. */
export interface Simulator {
  /** Name and version: `example-simulator 1.2.0`. */
  readonly name: string;
  /**
   * The names of what was made up for the tests, instead of being the simulator's own answer, since this was called last.
   * What a case proves while there are any is shown as `simulated`, which is less than any tier.
   */
  takeStandIns?(): readonly string[];
}
