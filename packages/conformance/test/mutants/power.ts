import { DriverError, type CallOptions, type MachineId, type MachineRecord, type OpenDriver } from '@virt-drivers/core';
import type { Mutant } from './mutant.js';

const withPower = (open: OpenDriver, members: Partial<OpenDriver['power']>): OpenDriver => ({
  ...open,
  power: { ...open.power, ...members },
});

const nobodyIn = (id: MachineId): DriverError =>
  new DriverError('GUEST.UNAVAILABLE', `Machine ${id} has nobody who could be asked; kill it.`, { subject: id });

export const powerMutants: readonly Mutant[] = [
  {
    flaw: 'Stop cuts power when the guest does not react.',
    fails: ['power/stop-never-kills', 'cancellation/deadline-is-kept'],
    spoil: (open) =>
      withPower(open, {
        async stop(id, call) {
          const state = await open.power.stop?.(id, call);
          if (state === 'running') await open.power.kill(id);
          return 'stopped';
        },
      }),
  },
  {
    flaw: 'That nobody can be asked to stop is said at the deadline only.',
    fails: ['cancellation/deadline-is-kept'],
    spoil: (open) =>
      withPower(open, {
        async stop(id, call) {
          const state = await open.power.stop?.(id, call);
          if (state === 'stopped') return state;
          throw nobodyIn(id);
        },
      }),
  },
  {
    flaw: 'Nobody can ever be asked to stop.',
    fails: ['power/stop-asks-the-guest'],
    spoil: (open) =>
      withPower(open, {
        async stop(id, call) {
          if ((await open.machines.get(id, call)).state === 'running') throw nobodyIn(id);
          return (await open.power.stop?.(id, call)) ?? 'stopped';
        },
      }),
  },
  {
    flaw: 'A machine that is busy cannot be asked again.',
    fails: ['errors/busy-is-retryable'],
    spoil: (open) => {
      const busy = new Set<MachineId>();
      const alone = (work: OpenDriver['power']['kill']) => async (id: MachineId, call?: CallOptions) => {
        if (busy.has(id))
          throw new DriverError('MACHINE.BUSY', `Machine ${id} is busy; give up.`, { retryable: false });
        busy.add(id);
        await work(id, call).finally(() => busy.delete(id));
      };
      return withPower(open, { start: alone(open.power.start), kill: alone(open.power.kill) });
    },
  },
  {
    flaw: 'Starting what runs already is an error.',
    fails: ['idempotence/start-and-kill-twice'],
    spoil: (open) =>
      withPower(open, {
        async start(id, call) {
          const { state } = await open.machines.get(id, call);
          if (state === 'running')
            throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} runs already; leave it.`);
          await open.power.start(id, call);
        },
      }),
  },
  {
    flaw: 'Restoring a saved machine boots it anew.',
    fails: ['suspension/save-keeps-the-guest'],
    spoil: (open) => {
      const { suspension } = open;
      if (!suspension) return open;
      const restore: typeof suspension.restore = async (id, call) => {
        const { state } = await open.machines.get(id, call);
        if (state !== 'saved') return suspension.restore?.(id, call);
        await suspension.discardSaved?.(id, call);
        await open.power.start(id, call);
      };
      return { ...open, suspension: { ...suspension, restore } };
    },
  },
  {
    flaw: 'A machine that goes on has the record again that it was saved with.',
    fails: ['suspension/record-of-saved'],
    spoil: (open) => {
      const { machines, suspension } = open;
      if (!suspension) return open;
      const saved = new Map<MachineId, MachineRecord>();
      const save: typeof suspension.save = async (id, call) => {
        const record = await machines.record(id, call);
        if (record) saved.set(id, record);
        await suspension.save?.(id, call);
      };
      const restore: typeof suspension.restore = async (id, call) => {
        await suspension.restore?.(id, call);
        const { revision: ifRevision = null } = (await machines.record(id, call)) ?? {};
        const record = saved.get(id);
        if (record) await machines.writeRecord(id, record, { ifRevision }, call);
      };
      return { ...open, suspension: { ...suspension, save, restore } };
    },
  },
  {
    flaw: 'Attaching to a serial port takes it away from whoever has it.',
    fails: ['consoles/second-attachment-is-in-use'],
    spoil: (open) => {
      const { consoles } = open;
      const serial = consoles?.serial;
      if (!serial) return open;
      return {
        ...open,
        consoles: { ...consoles, serial: (id, _request, call) => serial(id, { takeOver: true }, call) },
      };
    },
  },
  {
    flaw: 'The manifest claims that memory can be saved, but the member is not there.',
    fails: [
      'absence/suspension',
      'idempotence/save-and-restore-twice',
      'suspension/save-and-restore',
      'suspension/save-keeps-the-guest',
      'suspension/start-restores-saved',
      'suspension/discard-saved',
      'suspension/record-of-saved',
      'suspension/saved-machine-is-deleted-whole',
      'suspension/save-needs-running',
    ],
    spoil: (open) => {
      const { pause, resume } = open.suspension ?? {};
      return { ...open, suspension: { ...(pause && { pause }), ...(resume && { resume }) } };
    },
  },
  {
    flaw: 'Reverting to a snapshot keeps what is on the disks.',
    fails: ['snapshots/revert-restores-disk-content'],
    spoil: (open) => {
      const { snapshots } = open;
      if (!snapshots) return open;
      return {
        ...open,
        snapshots: {
          ...snapshots,
          async revert(machine, snapshot, call) {
            const { memory } = await snapshots.get(machine, snapshot, call);
            if (memory) return snapshots.revert?.(machine, snapshot, call);
            return open.power.kill(machine, call);
          },
        },
      };
    },
  },
];
