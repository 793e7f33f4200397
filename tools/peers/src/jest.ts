// What this uses of the test runner's globals; jest has them, and so have its relatives.
declare const describe: ((title: string, declare: () => void) => void) & {
  skip(title: string, declare: () => void): void;
};
declare const it: ((title: string, run: () => unknown) => void) & { skip(title: string, run: () => unknown): void };

const SKIPPED = '[skipped: printed by requirePeer]';
const neverRuns = (): never => {
  throw new Error('Declared to be skipped, and run nevertheless.');
};

/**
 * Declares tests that need what `requirePeer` started. Where that cannot run, one skipped case stands for all of them, for
 * jest fails a file without any; the reason was printed by then, and with `CI=true` it was thrown.
 */
export function describeWith<Peer>(title: string, peer: Peer | undefined, declare: (peer: Peer) => void): void {
  if (peer !== undefined) describe(title, () => declare(peer));
  else describe.skip(`${title} ${SKIPPED}`, () => it('needs a peer', neverRuns)); // Not in CI; `requirePeer` printed why.
}

/** The same for one test. */
export function itWith<Peer>(title: string, peer: Peer | undefined, run: (peer: Peer) => unknown): void {
  if (peer !== undefined) it(title, () => run(peer));
  else it.skip(`${title} ${SKIPPED}`, neverRuns); // Not in CI; a test that passed instead would prove nothing.
}
