import { afterAll, afterEach, expect, test } from '@jest/globals';
import { bytes, mebibytes, type ContentVolume, type Machine, type MigrationPlan, type Pool } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { createHash } from 'node:crypto';
import { plainSpec } from '../lifecycle.js';
import { witnessedCenter } from '../simulated-center.js';

const CONTENT = Buffer.alloc(1_048_576, 'what a disk takes with it ');
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

for (const variant of ['current', 'debian'] as const) {
  const center = await witnessedCenter({ poweredOn: false, machines: 1, datastores: 2, variant });
  afterAll(() => center?.stop());

  describeWith(`moves of disks (${center?.peer.version ?? variant})`, center, (center) => {
    const { driver, proxy, witness } = center;
    const { machines, volumes, migration, power } = driver;
    const made: Machine[] = [];
    afterEach(async () => {
      proxy.faults.clear();
      for (const { id, disks } of made.splice(0)) {
        const now = (await machines.get(id)).disks.map((disk) => disk.id);
        expect(now).toHaveLength(disks.length);
        await machines.delete(id, { kill: true, withVolumesOf: now });
      }
      expect((await witness()).files.filter((file) => /(moved|stays).*\.vmdk$/.test(file))).toEqual([]);
      expect(proxy.refused).toEqual([]);
    });

    const pools = async (): Promise<readonly [Pool, Pool]> => {
      const [one, other] = [...(await volumes.pools().all())].sort((a, b) => (a.name < b.name ? -1 : 1));
      if (!one || !other) throw new Error('The simulator has no two datastores.');
      return [one, other];
    };

    /** A machine that runs, with a disk that moves and one that does not. */
    async function running(pool: Pool): Promise<Machine> {
      const source: ContentVolume = {
        pool: pool.id,
        name: 'moved',
        content: {
          format: 'raw',
          sizeBytes: bytes(CONTENT.length),
          virtualSizeBytes: bytes(CONTENT.length),
          checksum: { algorithm: 'sha256', hex: sha256(CONTENT) },
          async *open() {
            yield CONTENT;
          },
        },
      };
      const moved = await (await volumes.createFromContent?.(source))?.result();
      const stays = await volumes.create({ pool: pool.id, name: 'stays', sizeBytes: mebibytes(2) });
      if (!moved) throw new Error('The driver takes no content.');
      const spec = plainSpec('storage moves', { disks: [{ volume: moved.id }, { volume: stays.id }] });
      const machine = await machines.create(spec);
      made.push(machine);
      await power.start(machine.id);
      return machines.get(machine.id);
    }

    const planFor = ({ id, host, disks }: Machine, pool: Pool): MigrationPlan => ({
      machine: id,
      host,
      mode: 'live',
      disks: disks.slice(0, 1).map((disk) => ({ disk: disk.id, pool: pool.id })),
    });
    const start = async (plan: MigrationPlan) => {
      if (!migration) throw new Error('The driver moves nothing.');
      return migration.start(plan, await migration.prepare(plan, await migration.describe(plan)));
    };

    test('a disk goes to another datastore while its machine runs, and reads the same there', async () => {
      const [from, to] = await pools();
      const machine = await running(from);
      const task = await start(planFor(machine, to));
      const after = await task.result();
      expect([after.state, after.host]).toEqual(['running', machine.host]);
      expect(after.disks.map(({ volume }) => volume?.pool)).toEqual([to.id, from.id]);
      expect(after.disks.map(({ id }) => id)).toEqual(machine.disks.map(({ id }) => id));
      const seen = (await witness()).machines.find(({ uuid }) => uuid === machine.id);
      expect(seen?.files.map((file) => file.split(' ')[0]).sort()).toEqual([`[${from.name}]`, `[${to.name}]`]);
      expect(proxy.takeShimmed()).toContain('RelocateVM_Task');
      await power.kill(machine.id);
      const [volume] = after.disks.flatMap((disk) => disk.volume ?? []);
      const hash = createHash('sha256');
      if (volume) for await (const piece of volumes.export?.(volume) ?? []) hash.update(piece);
      expect(hash.digest('hex')).toBe(sha256(CONTENT));
      // Nothing of it is where it was.
      expect((await volumes.list(from.id).all()).map(({ name }) => name)).toEqual(['stays']);
    });

    test('that fails leaves the disk where it was', async () => {
      const [from, to] = await pools();
      const machine = await running(from);
      proxy.faults.next('RelocateVM_Task', { kind: 'failing-task', type: 'NoDiskSpace' });
      await expect((await start(planFor(machine, to))).result()).rejects.toMatchObject({ code: 'MIGRATION.FAILED' });
      expect((await machines.get(machine.id)).disks).toEqual(machine.disks);
    });

    test('to a datastore that is too small is refused before anything moves', async () => {
      const [from, to] = await pools();
      const machine = await running(from);
      proxy.faults.every('RetrievePropertiesEx', {
        kind: 'rewrite',
        rewrite: (answer) => ({
          ...answer,
          body: Buffer.from(answer.body.toString().replace(/(<freeSpace>)\d+/g, '$11024')),
        }),
      });
      await expect(start(planFor(machine, to))).rejects.toMatchObject({ code: 'POOL.FULL' });
      proxy.faults.clear();
      expect((await machines.get(machine.id)).disks).toEqual(machine.disks);
    });
  });
}
