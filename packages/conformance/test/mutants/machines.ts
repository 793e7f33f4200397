import {
  DriverError,
  isDriverError,
  mebibytes,
  type MachineId,
  type MachineSpec,
  type OpenDriver,
} from '@virt-drivers/core';
import type { Mutant } from './mutant.js';

const tame = (name: string): string => name.replace(/[^A-Za-z0-9._ -]/g, '_');

// Some cases send what is no specification at all; that must reach the driver as it is.
const changed = (spec: MachineSpec, change: Record<string, unknown>): MachineSpec =>
  typeof spec === 'object' && spec !== null ? { ...spec, ...change } : spec;

/** A session whose facet `machines` differs in these members. */
const withMachines = (open: OpenDriver, members: Partial<OpenDriver['machines']>): OpenDriver => ({
  ...open,
  machines: { ...open.machines, ...members },
});

export const machineMutants: readonly Mutant[] = [
  {
    flaw: 'Deleting a machine deletes its volumes.',
    fails: [
      'volumes/id-is-stable',
      'machines/delete-keeps-volumes',
      'machines/delete-removes-named-volumes',
      'disks/several-machines-share',
      'snapshots/go-with-the-machine',
    ],
    spoil: (open) =>
      withMachines(open, {
        async delete(id, deletion, call) {
          const machine = await open.machines.get(id).catch(() => undefined);
          await open.machines.delete(
            id,
            { ...deletion, withVolumesOf: machine?.disks.map((disk) => disk.id) ?? [] },
            call,
          );
        },
      }),
  },
  {
    flaw: 'Client tokens are ignored when machines are made.',
    fails: [
      'idempotence/create-machine-with-the-same-token',
      'idempotence/create-machine-with-another-spec-conflicts',
      'idempotence/parallel-creates-make-one-machine',
      'idempotence/token-is-known-to-another-session',
      'errors/invalid-requests-are-refused',
    ],
    spoil: (open) =>
      withMachines(open, {
        create: (spec, call) => open.machines.create(changed(spec, { clientToken: undefined }), call),
      }),
  },
  {
    flaw: 'Characters that are awkward in native names are replaced.',
    fails: ['machines/hostile-name', 'machines/control-characters-are-refused', 'machines/rename'],
    spoil: (open) =>
      withMachines(open, {
        create: (spec, call) => open.machines.create(changed(spec, { name: tame(spec?.name ?? '') }), call),
        update: (id, { name, ...change }, call) =>
          open.machines.update(id, name === undefined ? change : { ...change, name: tame(name) }, call),
      }),
  },
  {
    flaw: 'A record is written whatever its revision is.',
    fails: ['machines/record-compare-and-set', 'machines/record-parallel-writers'],
    spoil: (open) =>
      withMachines(open, {
        async writeRecord(id, record, _condition, call) {
          for (;;) {
            const present = await open.machines.record(id, call);
            const condition = { ifRevision: present?.revision ?? null };
            const written = await open.machines
              .writeRecord(id, record, condition, call)
              .catch((error: unknown) => error);
            if (!isDriverError(written, 'RECORD.CONFLICT')) {
              if (written instanceof Error) throw written;
              return written as Awaited<ReturnType<OpenDriver['machines']['writeRecord']>>;
            }
          }
        },
      }),
  },
  {
    flaw: 'A machine that is not there is reported as a fault of the host.',
    fails: [
      'machines/unknown-machine-is-not-found',
      'machines/delete-removes-it',
      'machines/delete-kills-when-told',
      'errors/are-complete-sentences',
      'errors/not-found-names-what-is-missing',
      'errors/native-detail-is-kept',
      'suspension/saved-machine-is-deleted-whole',
      'snapshots/go-with-the-machine',
    ],
    spoil: (open) =>
      withMachines(open, {
        get: (id, call) =>
          open.machines.get(id, call).catch((error: unknown) => {
            throw isDriverError(error, 'MACHINE.NOT_FOUND') ? new DriverError('HOST.FAILED', error.message) : error;
          }),
      }),
  },
  {
    flaw: 'A new machine is not listed until it was read once.',
    fails: [
      'machines/id-is-stable',
      'machines/list-filters',
      'idempotence/create-machine-with-the-same-token',
      'idempotence/parallel-creates-make-one-machine',
      'cancellation/aborted-before-start-changes-nothing',
      'cancellation/passed-deadline-changes-nothing',
    ],
    spoil: (open) => {
      const unread = new Set<MachineId>();
      return withMachines(open, {
        async create(spec: MachineSpec, call) {
          const made = await open.machines.create(spec, call);
          unread.add(made.id);
          return made;
        },
        get(id, call) {
          unread.delete(id);
          return open.machines.get(id, call);
        },
        list(filter, call) {
          const listing = open.machines.list(filter, call);
          const all = async () => (await listing.all()).filter(({ id }) => !unread.has(id));
          return {
            all,
            async *[Symbol.asyncIterator]() {
              yield* await all();
            },
            get unreadable() {
              return listing.unreadable;
            },
          };
        },
      });
    },
  },
  {
    flaw: 'A create that fails leaves a volume behind.',
    fails: [
      'hosts/placement-is-honoured',
      'machines/failed-create-leaves-nothing',
      'machines/unknown-volume-is-refused',
      'machines/volume-of-another-is-refused',
      'idempotence/create-machine-with-another-spec-conflicts',
      'errors/invalid-requests-are-refused',
      'cancellation/aborted-before-start-changes-nothing',
      'cancellation/passed-deadline-changes-nothing',
    ],
    spoil: (open) =>
      withMachines(open, {
        async create(spec, call) {
          try {
            return await open.machines.create(spec, call);
          } catch (error) {
            const [pool] = await open.volumes.pools().all();
            const name = `${spec?.name}-left`;
            // A name that fits no volume leaves nothing behind.
            if (pool)
              await open.volumes.create({ pool: pool.id, name, sizeBytes: mebibytes(1) }).catch(() => undefined);
            throw error;
          }
        },
      }),
  },
  {
    flaw: 'An update changes the description before it finds out that the rest is not possible.',
    fails: ['machines/update-is-all-or-nothing'],
    spoil: (open) =>
      withMachines(open, {
        async update(id, change, call) {
          const { cpu, memory, ...texts } = change;
          await open.machines.update(id, texts, call);
          return cpu || memory ? open.machines.update(id, change, call) : open.machines.get(id, call);
        },
      }),
  },
];
