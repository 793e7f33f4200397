import { afterAll, expect, test } from '@jest/globals';
import { isDriverError, type DriverError } from '@virt-drivers/core';
import type { Rule } from '@virt-drivers/vcsim-proxy';
import { lifeOf, placeOn } from './lifecycle.js';
import { witnessedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter();
afterAll(() => center?.stop());

/** Errors that tell a program what to do; anything else would be a fault of the driver's own. */
const EXPECTED = ['HOST.CONNECTION_LOST', 'HOST.UNREACHABLE', 'POOL.FULL'];
/** How often a program calls again after an error. */
const REPEATS = 10;
/** Calls that change something. Those that read are repeated by the client itself. */
const CHANGES = /_Task$|^(MakeDirectory|CreateContainerView|DestroyView)$/;

describeWith('a life in which calls go wrong', center, (center) => {
  const { driver, proxy, witness } = center;

  /** A life under a rule: each step is repeated until it succeeds, and nothing is left at the end. Answers the errors. */
  async function live(key: string, rule: Rule, afterFailure = async (): Promise<void> => undefined) {
    const place = await placeOn(driver);
    const before = await witness();
    const errors: DriverError[] = [];
    const end = proxy.faults.everyCall(rule);
    for (const step of lifeOf(driver, place, key)) {
      for (let repeat = 0; ; repeat += 1) {
        const error: unknown = await step.run().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error === undefined) break;
        if (!isDriverError(error) || repeat === REPEATS) throw error;
        errors.push(error);
        if (step.name === 'make the machine') await afterFailure();
      }
    }
    end();
    const after = await witness();
    expect(after.machines).toEqual(before.machines);
    expect(after.files.filter((file) => file.includes(`${key}-`))).toEqual([]);
    return errors;
  }

  /** One life for each call that counts, which goes wrong in it. */
  async function livesWithOne(key: string, rule: Rule, counts: RegExp): Promise<DriverError[]> {
    const errors: DriverError[] = [];
    const { machines } = await witness();
    for (let nth = 1; ; nth += 1) {
      let seen = 0;
      const once: Rule = (call) => (counts.test(call.method) && ++seen === nth ? rule(call) : undefined);
      // Nothing is left of a machine whose creation failed.
      const nothingLeft = async () => expect((await witness()).machines).toEqual(machines);
      errors.push(...(await live(`${key}${nth}`, once, nothingLeft)));
      if (seen < nth) return errors;
    }
  }

  /** Lives in which each `period`th call goes wrong, beginning with another one in each. */
  async function livesWithMany(key: string, rule: Rule, period: number): Promise<DriverError[]> {
    const errors: DriverError[] = [];
    for (let offset = 0; offset < period; offset += 1) {
      let seen = offset;
      const often: Rule = (call) => (call.method !== 'Login' && ++seen % period === 0 ? rule(call) : undefined);
      errors.push(...(await live(`${key}${offset}`, often)));
    }
    return errors;
  }

  test('sessions that expire again and again are renewed, and nobody notices', async () => {
    expect(await livesWithMany('a', () => ({ kind: 'not-authenticated' }), 7)).toEqual([]);
    expect(proxy.openSessions).toBe(1);
  }, 300_000);

  test('connections that break again and again', async () => {
    const errors = await livesWithMany('b', () => ({ kind: 'reset', when: 'before' }), 7);
    for (const { code } of errors) expect(EXPECTED).toContain(code);
  }, 300_000);

  test('a connection that breaks when a change was carried out', async () => {
    const errors = await livesWithOne('c', () => ({ kind: 'reset', when: 'after' }), CHANGES);
    expect(errors.length).toBeGreaterThan(8);
    for (const { code, stateAfter } of errors) {
      expect(EXPECTED).toContain(code);
      expect(stateAfter).not.toBe('unchanged');
    }
  }, 300_000);

  test('tasks that wait and take their time', async () => {
    const hold = proxy.settings.taskHold;
    proxy.settings.taskHold = { queued: 1, running: 2 };
    expect(await live('held', () => undefined)).toEqual([]);
    proxy.settings.taskHold = hold;
  }, 300_000);

  test('a task that fails', async () => {
    const rule: Rule = () => ({ kind: 'failing-task', type: 'NoDiskSpace' });
    const errors = await livesWithOne('d', rule, /_Task$/);
    expect(errors.length).toBeGreaterThan(8);
    for (const { code } of errors) expect(code).toBe('POOL.FULL');
  }, 300_000);
});
