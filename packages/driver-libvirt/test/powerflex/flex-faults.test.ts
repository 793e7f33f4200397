import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isDriverError, mebibytes, type OpenDriver } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { basename } from 'node:path';
import { contentOf, copy, fill, noise } from '../backends/content.js';
import type { Fault } from './fake-gateway.js';
import { startFlexGround } from './flex-ground.js';

const LONG = 300_000;

const flex = await requirePeer(() => startFlexGround('flex-faults'));

afterAll(() => flex?.stop(), 60_000);

const FAULTS: readonly Fault[] = ['error', 'proxy-error', 'cut', 'cut-after', 'forgotten-token'];

// The gateway is simulated, and files stand for devices; libvirt is real.
describeWith('a PowerFlex gateway that fails, simulated', flex, ({ fake, pool, open }) => {
  const { system, requests } = fake;
  let here: OpenDriver;
  let serial = 0;

  beforeAll(async () => {
    here = await open();
    // What the options name is looked up once, and is not part of what is counted below.
    await here.volumes.list(pool).all();
  }, LONG);
  afterAll(() => here.close());

  const content = contentOf(noise(1 << 16, 'faults'));
  const named = () => ({ pool, name: `v${(serial += 1)}` });

  /** The volume that was there before the work. */
  const oldest = () => {
    const [id = ''] = system.volumes.keys();
    return { pool, key: basename(system.device(id)) };
  };

  /** What changes something, how it is prepared and what of it is to be removed. */
  const works = {
    'a volume from content': async () => {
      const made = await fill(here, { ...named(), content });
      return [made.id];
    },
    'a volume from a snapshot': async () => {
      const made = await copy(here, { ...named(), source: oldest(), mode: 'linked' });
      return [made.id];
    },
    'a machine with a volume': async () => {
      const machine = await here.machines.create({
        name: 'flexible',
        cpu: { count: 1 },
        memory: { sizeBytes: mebibytes(64) },
        boot: { firmware: 'bios' },
        disks: [{ volume: oldest() }],
        nics: [],
      });
      await here.machines.delete(machine.id);
      return [];
    },
  };

  const left = () => [...system.volumes.values()].map(({ name, mapped }) => [name, [...mapped]]);

  it.each(Object.entries(works))(
    '%s: whichever request fails in whatever way, it is done, or nothing is left of it',
    async (_, work) => {
      const base = await here.volumes.create({ ...named(), sizeBytes: mebibytes(1) });
      const before = left();
      const started = requests.length;
      const first = await work();
      const count = requests.length - started;
      for (const id of first) await here.volumes.delete(id);
      expect(count).toBeGreaterThan(3);
      const outcomes = new Map<string, number>();
      for (let number = 1; number <= count; number += 1) {
        for (const fault of FAULTS) {
          fake.failRequest(number, fault);
          const outcome = await work().catch((error: unknown) => error);
          fake.failRequest(0, fault);
          if (!Array.isArray(outcome)) expect(isDriverError(outcome) ? '' : String(outcome)).toBe('');
          else for (const id of outcome) await here.volumes.delete(id);
          for (const { id } of await here.machines.list().all()) await here.machines.delete(id);
          const key = Array.isArray(outcome) ? 'done' : isDriverError(outcome) ? outcome.code : '?';
          outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
          expect([number, fault, left()]).toEqual([number, fault, before]);
        }
      }
      // A token that was forgotten costs nothing but a login.
      expect(outcomes.get('done')).toBeGreaterThanOrEqual(count);
      await here.volumes.delete(base.id);
    },
    LONG,
  );

  it(
    'ends in time when the gateway says nothing, and takes back what it made',
    async () => {
      fake.failNext(/setVolumeName/, 'hang');
      const task = await here.volumes.createFromContent?.({ ...named(), content });
      const cancel = setTimeout(() => void task?.cancel(), 1500);
      await expect(task?.result()).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
      clearTimeout(cancel);
      expect(left()).toEqual([]);
      fake.failNext(/POST .*instances$/, 'hang');
      const late = here.volumes.create(
        { ...named(), sizeBytes: mebibytes(1) },
        { deadline: deadlineIn({ seconds: 1 }) },
      );
      await expect(late).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED' });
      expect(left()).toEqual([]);
    },
    LONG,
  );
});
