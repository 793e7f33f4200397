import { afterAll, expect, it } from '@jest/globals';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { mebibytes, poolId, type ImageSource, type MachineSpec } from '@virt-drivers/core';
import { createHash } from 'node:crypto';
import { driver } from '../src/index.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt());
afterAll(() => peer?.stop());
describeWith('races', peer, (peer) => {
  const open = () => driver.open({ target: peer.uri });

  it('of several programs that create with one token one wins, and the others are told so', async () => {
    const programs = await Promise.all([1, 2, 3, 4].map(open));
    const spec: MachineSpec = {
      name: 'raced',
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(64) },
      boot: { firmware: 'bios' },
      disks: [],
      nics: [],
      clientToken: 'raced-1',
    };
    const made = await Promise.allSettled(
      programs.map(({ machines }, index) =>
        machines.create({ ...spec, record: { owner: 'raced', body: { program: index } } }),
      ),
    );
    const [first] = programs;
    const machines = await first?.machines.list().all();
    expect(machines).toHaveLength(1);
    const winners = made.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const outcome of made)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'REQUEST.CONFLICT' });
    for (const { id } of machines ?? []) await first?.machines.delete(id);
    await Promise.all(programs.map((program) => program.close()));
  });

  it('what a killed conversion left is found by the name of its volume, and deleted by it', async () => {
    const program = await open();
    const { volumes } = program;
    const pool = poolId('default');
    const zeros = Buffer.alloc(1 << 20);
    // As a conversion leaves it that dies before the host is asked to convert.
    await peer.virsh(['vol-create-as', 'default', 'vd-tmp-halfway.raw', '1M', '--format', 'raw']);
    const found = await volumes.find({ pool, name: 'halfway' });
    expect(found).toMatchObject({ name: 'halfway', format: 'raw' });
    if (found) await volumes.delete(found.id);
    const content: ImageSource = {
      format: 'raw',
      sizeBytes: mebibytes(1),
      virtualSizeBytes: mebibytes(1),
      checksum: { algorithm: 'sha256', hex: createHash('sha256').update(zeros).digest('hex') },
      async *open() {
        yield zeros;
      },
    };
    const task = await volumes.createFromContent?.({ pool, name: 'halfway', format: 'qcow2', content });
    const made = await task?.result();
    // And one that dies after.
    await peer.virsh(['vol-create-as', 'default', 'vd-tmp-halfway.raw', '1M', '--format', 'raw']);
    if (made) await volumes.delete(made.id);
    expect(await volumes.list(pool).all()).toEqual([]);
    await program.close();
  });
});
