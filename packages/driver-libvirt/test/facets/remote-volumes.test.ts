import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bitsPerSecond,
  isDriverError,
  mebibytes,
  operationsPerSecond,
  Secret,
  type Machine,
  type OpenDriver,
  type RemoteConnection,
  type RemoteVolumes,
} from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { requirePeer, startIscsi, startLibvirt, startNbd } from '@virt-drivers/peers';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { driver } from '../../src/index.js';
import { claimed, guestDisk, inGuest, runGuest } from './guest.js';
import { describeWith } from '@virt-drivers/peers/jest';

const MIB = 1 << 20;
const LONG = 300_000;

const real = await requirePeer(async () => ({
  iscsi: await startIscsi(),
  nbd: await startNbd(),
  peer: await startLibvirt({ name: 'remote' }),
}));

afterAll(async () => {
  await real?.peer.stop();
  await real?.nbd.stop();
  await real?.iscsi.stop();
}, 60_000);

const digest = (file: string, length?: number): string =>
  createHash('sha256').update(readFileSync(file).subarray(0, length)).digest('hex');

describeWith('remote volumes', real, (real) => {
  const { iscsi, nbd, peer } = real;
  const { account, portals, target } = iscsi;

  const unit = (lun: number, password = account.password): RemoteConnection & { readonly protocol: 'iscsi' } => ({
    protocol: 'iscsi',
    portals,
    target,
    lun,
    chap: { user: account.user, password: new Secret(password) },
  });
  const exported = (exportName: string): RemoteConnection => ({ protocol: 'nbd', server: nbd.server, exportName });
  const secrets = async (): Promise<number> =>
    (await peer.virsh(['secret-list'])).split('\n').filter((line) => line.includes(' vd-')).length;

  describe('volumes of other systems', () => {
    let open: OpenDriver;
    let machine: Machine;
    let facet: Required<RemoteVolumes>;

    /** Random bytes from the guest's own source onto all of a disk, and their digest as the guest reads them. */
    const fillInGuest = (disk: string): Promise<string> =>
      inGuest(
        open,
        machine.id,
        `cat /dev/urandom >/dev/${disk} 2>/dev/null; sync; sha256sum </dev/${disk} | cut -d' ' -f1`,
      );
    const digestInGuest = (disk: string): Promise<string> =>
      inGuest(open, machine.id, `echo 3 >/proc/sys/vm/drop_caches; sha256sum </dev/${disk} | cut -d' ' -f1`);
    const sizeInGuest = async (disk: string): Promise<number> =>
      512 * Number(await inGuest(open, machine.id, `cat /sys/block/${disk}/size`));

    beforeAll(async () => {
      open = await driver.open({ target: peer.uri });
      facet = claimed(open.remoteVolumes);
      machine = await runGuest(open);
    }, LONG);
    afterAll(async () => {
      await open.machines.delete(machine.id, { kill: true });
      expect(await secrets()).toBe(0);
      await open.close();
    }, LONG);

    it(
      'iSCSI: what the guest writes is on the unit, and nobody sees the password',
      async () => {
        const lun = await iscsi.addUnit(8 * MIB);
        const limits = { throughput: bitsPerSecond(800_000_000n), operations: operationsPerSecond(5_000n) };
        const disk = await facet.attach(machine.id, unit(lun), { serial: 'unit', limits });
        expect(disk).toMatchObject({ device: 'disk', bus: 'paravirtual', serial: 'unit', shared: false, limits });
        expect(await facet.attach(machine.id, unit(lun), { serial: 'unit', limits })).toEqual(disk);
        await expect(facet.attach(machine.id, unit(lun), { serial: 'other' })).rejects.toMatchObject({
          code: 'DISK.CONFLICT',
        });
        const host = await facet.initiator(machine.host ?? (await open.hosts.list().all())[0]!.id);
        expect(await iscsi.initiators()).toEqual([host.iscsiName]);
        const name = await guestDisk(open, machine.id, 'unit');
        expect(await fillInGuest(name)).toBe(digest(iscsi.file(lun)));
        const shown = [
          await peer.virsh(['dumpxml', '--security-info', `vd-${machine.id}`]),
          peer
            .processes()
            .flatMap(({ args }) => args)
            .join(' '),
          readFileSync(`${peer.directory}/log/qemu/vd-${machine.id}.log`, 'utf8'),
          await peer.logTail(10_000),
        ];
        for (const text of shown) {
          expect(text).not.toContain(account.password);
          expect(text).not.toContain(Buffer.from(account.password).toString('base64'));
        }
        expect(await secrets()).toBe(1);
        await facet.detach(machine.id, disk.id);
        await facet.detach(machine.id, disk.id);
        expect([await secrets(), await iscsi.initiators()]).toEqual([0, []]);
      },
      LONG,
    );

    it(
      'iSCSI: who is not let in, and what is not there, is told; nothing is left',
      async () => {
        const lun = await iscsi.addUnit(MIB);
        const refused = async (connection: RemoteConnection) =>
          facet.attach(machine.id, connection, {}).then(
            () => 'attached',
            (error: unknown) => {
              expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain('not-the-word');
              return isDriverError(error) ? error.code : String(error);
            },
          );
        expect(await refused(unit(lun, 'not-the-word'))).toBe('ACCESS.DENIED');
        expect(await refused(unit(77))).toBe('VOLUME.NOT_FOUND');
        expect(await refused({ ...unit(lun), target: `${target}x` })).toBe('POOL.UNAVAILABLE');
        expect(await refused({ ...unit(lun), portals: [{ host: '127.0.0.1', port: 9 }] })).toBe('POOL.UNAVAILABLE');
        expect(await refused(exported('no-such'))).toBe('VOLUME.NOT_FOUND');
        expect(await refused({ protocol: 'nbd', server: { host: '127.0.0.1', port: 9 } })).toBe('POOL.UNAVAILABLE');
        expect(await refused({ ...unit(lun), multipath: true })).toBe('CAPABILITY.ABSENT');
        expect(await secrets()).toBe(0);
        expect((await open.machines.get(machine.id)).disks).toHaveLength(1);
      },
      LONG,
    );

    it(
      'iSCSI: a unit that its owner grew is larger in the guest, with its content',
      async () => {
        const lun = await iscsi.addUnit(4 * MIB);
        const disk = await facet.attach(machine.id, unit(lun), { serial: 'grows' });
        const name = await guestDisk(open, machine.id, 'grows');
        const before = await fillInGuest(name);
        await expect(facet.extend(machine.id, disk.id, mebibytes(6))).rejects.toMatchObject({
          code: 'REQUEST.INVALID',
        });
        await iscsi.growUnit(lun, 6 * MIB);
        expect((await facet.extend(machine.id, disk.id, mebibytes(6))).sizeBytes).toBe(mebibytes(6));
        expect(await sizeInGuest(name)).toBe(6 * MIB);
        expect(await inGuest(open, machine.id, `head -c ${4 * MIB} /dev/${name} | sha256sum | cut -d' ' -f1`)).toBe(
          before,
        );
        expect(digest(iscsi.file(lun), 4 * MIB)).toBe(before);
        await expect(facet.extend(machine.id, disk.id, mebibytes(1))).rejects.toMatchObject({
          code: 'VOLUME.CANNOT_SHRINK',
        });
        await facet.detach(machine.id, disk.id);
      },
      LONG,
    );

    it(
      'NBD: I/O errors over there reach the guest and are an event; without them all is well again',
      async () => {
        await nbd.addExport('faulty', 4 * MIB);
        const disk = await facet.attach(machine.id, exported('faulty'), { serial: 'faulty' });
        const name = await guestDisk(open, machine.id, 'faulty');
        const events = await open.events.watch({}, { deadline: deadlineIn({ seconds: 120 }) });
        await nbd.fail('writes', true);
        await expect(
          inGuest(open, machine.id, `dd if=/dev/zero of=/dev/${name} bs=4k count=1 conv=fsync`),
        ).rejects.toThrow(/ended with/);
        for await (const event of events) if (event.kind === 'disk-error' && event.disk === disk.id) break;
        await nbd.fail('writes', false);
        expect(await fillInGuest(name)).toBe(digest(nbd.file('faulty')));
        await expect(facet.extend(machine.id, disk.id, mebibytes(8))).rejects.toMatchObject({
          code: 'CAPABILITY.CONDITION_UNMET',
        });
        await facet.detach(machine.id, disk.id);
      },
      LONG,
    );

    it(
      'swap: the guest goes on another system with the same content, and what breaks off changes nothing',
      async () => {
        await nbd.addExport('from', 16 * MIB);
        const lun = await iscsi.addUnit(16 * MIB);
        const disk = await facet.attach(machine.id, exported('from'), { serial: 'moves' });
        const name = await guestDisk(open, machine.id, 'moves');
        const content = await fillInGuest(name);
        const task = await facet.swap(machine.id, disk.id, unit(lun));
        expect(await task.result()).toMatchObject({ id: disk.id, serial: 'moves' });
        expect(digest(iscsi.file(lun))).toBe(content);
        // What is written now is on the new one only.
        const after = await fillInGuest(name);
        expect([digest(iscsi.file(lun)), digest(nbd.file('from'))]).toEqual([after, content]);
        await nbd.fail('writes', true);
        const broken = await facet.swap(machine.id, disk.id, exported('from'));
        await expect(broken.result()).rejects.toMatchObject({ code: 'POOL.UNAVAILABLE' });
        await nbd.fail('writes', false);
        expect(await digestInGuest(name)).toBe(after);
        await expect(facet.swap(machine.id, disk.id, unit(lun))).rejects.toMatchObject({ code: 'DISK.CONFLICT' });
        // The document that the next start uses knows the new place, too.
        expect(await peer.virsh(['dumpxml', '--inactive', `vd-${machine.id}`])).toContain(`${target}/${lun}`);
        expect(await secrets()).toBe(1);
        await facet.detach(machine.id, disk.id);
        expect(await secrets()).toBe(0);
      },
      LONG,
    );

    it(
      'a unit is another machine’s only when both say that they share it',
      async () => {
        const lun = await iscsi.addUnit(MIB);
        const other = await open.machines.create({
          name: 'other',
          cpu: { count: 1 },
          memory: { sizeBytes: mebibytes(64) },
          boot: { firmware: 'bios' },
          disks: [],
          nics: [],
        });
        const own = await facet.attach(machine.id, unit(lun), {});
        await expect(facet.attach(other.id, unit(lun), { shared: true })).rejects.toMatchObject({
          code: 'VOLUME.IN_USE',
          heldBy: machine.id,
        });
        await facet.detach(machine.id, own.id);
        const shared = await facet.attach(machine.id, unit(lun), { shared: true });
        expect(await facet.attach(other.id, unit(lun), { shared: true })).toMatchObject({ shared: true });
        await open.power.start(other.id);
        expect(await iscsi.initiators()).toHaveLength(2);
        await open.machines.delete(other.id, { kill: true });
        await facet.detach(machine.id, shared.id);
      },
      LONG,
    );

    it(
      'several portals: attaching and starting take one that answers, and start again after the daemon did',
      async () => {
        const lun = await iscsi.addUnit(2 * MIB);
        await iscsi.closePortal(portals[0]);
        const disk = await facet.attach(machine.id, unit(lun), { serial: 'ways' });
        const content = await fillInGuest(await guestDisk(open, machine.id, 'ways'));
        await open.power.kill(machine.id);
        await iscsi.openPortal(portals[0]);
        await iscsi.closePortal(portals[1]);
        await peer.restart();
        await open.power.start(machine.id);
        expect(await iscsi.initiators()).toHaveLength(1);
        expect((await open.machines.get(machine.id)).disks.map(({ id }) => id)).toContain(disk.id);
        expect(digest(iscsi.file(lun))).toBe(content);
        await open.power.kill(machine.id);
        await iscsi.closePortal(portals[0]);
        await expect(open.power.start(machine.id)).rejects.toThrow();
        for (const portal of portals) await iscsi.openPortal(portal);
        await open.power.start(machine.id);
        expect((await iscsi.initiators()).length).toBe(1);
      },
      LONG,
    );
  });
});
