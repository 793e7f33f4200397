import { randomUUID } from 'node:crypto';
import { driver } from '@virt-drivers/driver-memory';
import { runConformance } from '../src/run.js';
import { clearLeftBehind } from './mutants/calls.js';
import { broken, type Mutant } from './mutants/mutant.js';

const PATIENCE_MILLISECONDS = 180_000;

/** One test per mutant: the whole suite must fail exactly the cases that the mutant lists. */
export function expectMutantsToFail(mutants: readonly Mutant[]): void {
  describe.each(mutants)('$flaw', (mutant) => {
    it(
      'is noticed by exactly the cases that it lists',
      async () => {
        const { results } = await runConformance({
          driver: broken(driver, mutant),
          target: `memory://${randomUUID()}`,
          tier: 'memory',
        });
        await clearLeftBehind();
        const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
        expect(failed.sort()).toEqual([...mutant.fails].sort());
      },
      PATIENCE_MILLISECONDS,
    );
  });
}
