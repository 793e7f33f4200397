import { afterAll, expect, test } from '@jest/globals';
import { isDriverError, type DriverError, type Machine, type RemoteConnection } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { nfsExport, type Rule } from '@virt-drivers/vcsim-proxy';
import { iscsi, machinesOf, remoteVolumesOf, storageTargets, traces } from '../remote-world.js';
import { witnessedCenter } from '../simulated-center.js';

const center = await witnessedCenter({ poweredOn: false });
const nfs = await nfsExport(['one']);
afterAll(async () => {
  await center?.stop();
  await nfs.remove();
});

/** Calls that change something. */
const CHANGES = /_Task$|^(Add|Remove)InternetScsi|^RescanHba$|^(CreateNas|Remove)Datastore$/;
const REPEATS = 5;

describeWith('attachments in which calls go wrong', center, (center) => {
  const { driver, proxy } = center;
  const facet = remoteVolumesOf(driver);
  const machines = machinesOf(center);
  const { targets, stores, mappings, notes } = traces(center);
  proxy.settings.storageTargets = storageTargets();
  proxy.settings.exports = [nfs];
  const left = async () => [await targets('DC0_H0'), await stores(), await mappings(), await notes()];
  const NOTHING = [[], ['LocalDS_0'], [], 0];

  /** Attaches and detaches once for each call that changes something, which goes wrong in it. Answers the errors. */
  async function failingAtEach(connection: RemoteConnection, rule: Rule): Promise<readonly DriverError[]> {
    const errors: DriverError[] = [];
    const machine: Machine = await machines.make('DC0_H0');
    const until = async <T>(call: () => Promise<T>, afterError: () => Promise<void>): Promise<T> => {
      for (let repeat = 0; ; repeat += 1) {
        try {
          return await call();
        } catch (error) {
          if (!isDriverError(error) || repeat === REPEATS) throw error;
          errors.push(error);
          await afterError();
        }
      }
    };
    for (let nth = 1; ; nth += 1) {
      let seen = 0;
      const end = proxy.faults.everyCall((call) =>
        CHANGES.test(call.method) && ++seen === nth ? rule(call) : undefined,
      );
      const disk = await until(
        () => facet.attach(machine.id, connection, {}),
        async () => expect(await left()).toEqual(NOTHING),
      );
      await until(
        () => facet.detach(machine.id, disk.id),
        async () => undefined,
      );
      end();
      expect(await left()).toEqual(NOTHING);
      expect((await driver.machines.get(machine.id)).disks).toEqual([]);
      if (seen < nth) break;
    }
    await machines.removeAll();
    return errors;
  }

  const fails: Rule = ({ method }) =>
    method.endsWith('_Task')
      ? { kind: 'failing-task', type: 'NoDiskSpace' }
      : { kind: 'fault', type: 'HostConfigFault' };
  const breaks: Rule = () => ({ kind: 'reset', when: 'after' });

  test.each([
    ['a unit behind iSCSI', iscsi(1), 8],
    ['a file on NFS', nfs.connection('one'), 6],
  ] as const)(
    '%s: a step that fails leaves nothing',
    async (_what, connection, steps) => {
      const errors = await failingAtEach(connection, fails);
      expect(errors.length).toBeGreaterThanOrEqual(steps - 1);
      for (const { code } of errors) expect(['POOL.FULL', 'HOST.FAILED', 'POOL.UNAVAILABLE']).toContain(code);
    },
    300_000,
  );

  test.each([
    ['a unit behind iSCSI', iscsi(1), 8],
    ['a file on NFS', nfs.connection('one'), 6],
  ] as const)(
    '%s: a step whose answer is lost is taken back or finished',
    async (_what, connection, steps) => {
      const errors = await failingAtEach(connection, breaks);
      expect(errors.length).toBeGreaterThanOrEqual(steps - 1);
      for (const { code } of errors) expect(code).toBe('HOST.CONNECTION_LOST');
    },
    300_000,
  );
});
