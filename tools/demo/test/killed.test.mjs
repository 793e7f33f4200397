import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { endpoints, everything, NOTHING } from './endpoints.mjs';

const { all, stop } = await endpoints();
afterAll(stop);

const spawnArguments = ({ image }, id) => [
  'spawn',
  'killed',
  '--id',
  id,
  '--image',
  image.path,
  '--format',
  image.format,
  '--memory',
  '128M',
  '--ephemeral',
  '8M',
];

/** Kills the command as soon as it said that this many steps are done. Gives the number of steps that it has. */
async function killAfter({ virt, endpoint }, id, steps) {
  const child = virt.start('--output', 'table', ...spawnArguments(endpoint, id));
  let total = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    const [, done, of] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
    if (done === undefined) continue;
    total = Number(of);
    if (Number(done) >= steps) child.kill('SIGKILL');
  }
  return total;
}

describe.each(all)('a spawn that is killed ($name)', (place) => {
  const { virt, endpoint } = place;

  it('is finished or removed by reconcile, whichever step it had reached', async () => {
    let total = Infinity;
    for (let steps = 1; steps < total; steps += 1) {
      const id = randomUUID();
      total = await killAfter(place, id, steps);
      const outcomes = await virt.run('reconcile');
      expect(outcomes.filter(({ outcome }) => outcome !== 'finished' && outcome !== 'removed')).toEqual([]);
      const [left] = await virt.run('list');
      if (left) {
        expect((await virt.run('show', id)).record.phase).toBe('ready');
        expect(left.state).toBe('running');
      }
      await virt.run('destroy', id);
      expect({ steps, ...(await everything(place)) }).toEqual({ steps, ...NOTHING });
    }
    expect(total).toBeGreaterThan(8);
  });

  it('is continued by a spawn of the same id', async () => {
    const id = randomUUID();
    await killAfter(place, id, 6);
    const { machine, record } = await virt.run(...spawnArguments(endpoint, id));
    expect(machine.state).toBe('running');
    expect(record.phase).toBe('ready');
    await virt.run('destroy', id);
    expect(await everything(place)).toEqual(NOTHING);
  });
});
