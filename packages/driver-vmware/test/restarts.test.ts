import { afterAll, expect, test } from '@jest/globals';
import { isDriverError, type DriverError } from '@virt-drivers/core';
import type { Rule } from '@virt-drivers/vcsim-proxy';
import { setTimeout as sleep } from 'node:timers/promises';
import { lifeOf, placeOn } from './lifecycle.js';
import { witnessedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter();
afterAll(() => center?.stop());

/** What a program is told while nobody answers. */
const EXPECTED = ['HOST.CONNECTION_LOST', 'HOST.UNREACHABLE'];
const CHANGES = /_Task$|^MakeDirectory$/;
/** How long a program goes on to repeat a step. */
const REPEAT_MS = 30_000;

describeWith('a life over which the vCenter is restarted', center, ({ driver, proxy, peer, witness }) => {
  /**
   * Lives with a server that begins anew, with all that it knew, instead of its `nth` change; until it is back nobody
   * answers, and each step is repeated. Answers what the steps threw, and whether there were so many changes.
   */
  async function liveOverRestart(nth: number) {
    const steps = lifeOf(driver, await placeOn(driver), `restart-${nth}`);
    const errors: DriverError[] = [];
    let seen = 0;
    let restarting: Promise<void> | undefined;
    let isDown = false;
    const rule: Rule = ({ method }) => {
      if (!restarting && CHANGES.test(method) && ++seen === nth) {
        isDown = true;
        restarting = peer.restart().finally(() => (isDown = false));
      }
      return isDown ? { kind: 'reset', when: 'before' } : undefined;
    };
    const end = proxy.faults.everyCall(rule);
    for (const step of steps) {
      for (const last = Date.now() + REPEAT_MS; ; ) {
        const error = await step.run().catch((thrown: unknown) => thrown);
        if (error === undefined) break;
        if (!isDriverError(error) || Date.now() > last) throw error;
        errors.push(error);
        await sleep(50);
      }
    }
    await restarting;
    end();
    return { errors, met: restarting !== undefined };
  }

  test('at any of its changes: typed errors, and nothing is left', async () => {
    const before = await witness();
    for (let nth = 1; ; nth += 1) {
      const { errors, met } = await liveOverRestart(nth);
      expect(errors.filter(({ code }) => !EXPECTED.includes(code)).map(({ message }) => message)).toEqual([]);
      const after = await witness();
      expect(after.machines.map(({ uuid }) => uuid)).toEqual(before.machines.map(({ uuid }) => uuid));
      expect(after.files.filter((file) => file.includes(`restart-${nth}`))).toEqual([]);
      if (met) continue;
      expect(nth).toBeGreaterThan(8);
      break;
    }
  }, 300_000);
});
