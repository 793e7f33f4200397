import { DriverError, type CallOptions, type Machine, type OpenDriver } from '@virt-drivers/core';
import type { Instance } from '@virt-drivers/compute';
import { textFlag, type Register } from '../command.js';
import { computeOver, instanceIdOf } from '../instances.js';
import { resolveMachine } from '../machine-reference.js';
import { humanBytes } from '../output/human.js';
import type { Cell } from '../output/output.js';
import { watchSteps } from '../output/steps.js';

const HEAD = ['INSTANCE', 'NAME', 'STATE', 'CPUS', 'MEMORY', 'DISKS', 'NICS'];

const row = (machine: Machine, instanceId: string | undefined): readonly Cell[] => [
  instanceId ?? '',
  machine.name,
  machine.busy ? `${machine.state} (${machine.busy.operation})` : machine.state,
  machine.cpu.count,
  humanBytes(machine.memory.sizeBytes),
  machine.disks.length,
  machine.nics.length,
];

function detailRows(machine: Machine, instance: Instance | undefined): readonly (readonly [string, Cell])[] {
  const roles = new Map(
    instance?.record.disks.flatMap((disk) => (disk.volume ? [[disk.volume.key, disk.role] as const] : [])),
  );
  return [
    ['name', machine.name],
    ['description', machine.description],
    ['instance', instance?.instanceId],
    ['phase', instance?.record.phase],
    ['machine', machine.id],
    ['state', machine.busy ? `${machine.state} (${machine.busy.operation})` : machine.state],
    ['host', machine.host],
    ['processors', machine.cpu.count],
    ['memory', humanBytes(machine.memory.sizeBytes)],
    ['firmware', machine.boot.firmware],
    ...machine.disks.map((disk) => {
      const role = disk.volume ? roles.get(disk.volume.key) : undefined;
      const parts = [
        role,
        disk.device,
        disk.volume?.key ?? 'empty',
        humanBytes(disk.sizeBytes),
        disk.serial,
        disk.readOnly ? 'read-only' : '',
      ];
      return ['disk', parts.filter((part) => part !== undefined && part !== '').join(' · ')] as const;
    }),
    ...machine.nics.map(
      ({ network, macAddress, linkUp }) =>
        ['nic', `${network} · ${macAddress}${linkUp ? '' : ' · link down'}`] as const,
    ),
  ];
}

async function instanceOf(driver: OpenDriver, machine: Machine, call: CallOptions): Promise<Instance | undefined> {
  const id = await instanceIdOf(machine);
  return id === undefined ? undefined : (await computeOver(driver)).show(id, call);
}

const registerList: Register = (program, attach) =>
  attach(
    program
      .command('list')
      .summary('instances and their states')
      .description("Lists instances; with --all also machines that are nobody's instance.")
      .option('--all'),
    ({ call, output, withDriver }, _, { all }) =>
      withDriver(async (driver) => {
        const listing = driver.machines.list(all ? {} : { recorded: true }, call);
        const found = await Promise.all(
          (await listing.all()).map(async (machine) => ({ instanceId: await instanceIdOf(machine), machine })),
        );
        const shown = found.filter(({ instanceId }) => all === true || instanceId !== undefined);
        const rows = shown.map(({ machine, instanceId }) => row(machine, instanceId));
        await output.table(
          HEAD,
          rows,
          shown.map(({ machine, instanceId }) => ({ instanceId, ...machine })),
        );
        if (listing.unreadable > 0) output.note(`${listing.unreadable} machines could not be read with this account.`);
      }),
  );

const registerShow: Register = (program, attach) =>
  attach(
    program
      .command('show')
      .summary('everything about one machine')
      .description('Shows an instance or machine.')
      .argument('<machine>'),
    ({ call, output, withDriver }, [reference = '']) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        const instance = await instanceOf(driver, machine, call);
        const data = { ...machine, ...(instance ? { instanceId: instance.instanceId, record: instance.record } : {}) };
        await output.detail(detailRows(machine, instance), data);
      }),
  );

const registerDestroy: Register = (program, attach) =>
  attach(
    program
      .command('destroy')
      .summary('remove an instance and its volumes')
      .description(
        'Removes an instance, its machine and the volumes that are its own. Attached volumes stay. Destroying what is gone succeeds.',
      )
      .argument('<instance>'),
    ({ call, output, terminal, withDriver }, [reference = '']) =>
      withDriver(async (driver) => {
        const { isInstanceId } = await import('@virt-drivers/compute');
        // An id that is gone is fine to destroy; a name must lead to something.
        const id = isInstanceId(reference)
          ? reference
          : await instanceIdOf(await resolveMachine(driver, reference, call));
        if (id === undefined) {
          throw new DriverError(
            'REQUEST.CONFLICT',
            `Machine ${reference} is not an instance of ours, so it is left alone.`,
            { subject: reference },
          );
        }
        const watch = await watchSteps(terminal, output);
        try {
          const found = await (await computeOver(driver)).destroy(id, { ...call, onStep: watch.onStep });
          output.done(found ? `Instance ${id} is destroyed.` : `Instance ${id} was not there.`, {
            instanceId: id,
            found,
          });
        } finally {
          watch.end();
        }
      }),
  );

const registerReconcile: Register = (program, attach) =>
  attach(
    program
      .command('reconcile')
      .summary('finish or remove what killed commands left')
      .description(
        'Looks at every instance and finishes, takes back or removes what was interrupted. Work that is still going on is left alone.',
      )
      .option('--dry-run', 'only say what would be done')
      .option('--stop-within <seconds>', 'how long a guest that must go down for it may take', '60')
      .option('--peer <uri>', 'an endpoint that instances were moving to or from'),
    ({ call, output, withDriver, withEndpoint }, _, flags) =>
      withDriver(async (driver) => {
        const compute = await computeOver(driver);
        const seconds = Number(textFlag(flags, 'stopWithin') ?? '60');
        const how = { ...call, dryRun: flags['dryRun'] === true, stopWithin: { seconds } };
        const peer = textFlag(flags, 'peer');
        const found =
          peer === undefined
            ? await compute.reconcile(how)
            : await withEndpoint(peer, (other) => compute.reconcile({ ...how, peers: [other] }));
        const rows = found.map(({ instanceId, outcome, error }) => [
          instanceId,
          outcome,
          error instanceof Error ? error.message : '',
        ]);
        await output.table(['INSTANCE', 'OUTCOME', 'ERROR'], rows, found);
      }),
  );

export const registerInstances: Register = (program, attach) => {
  for (const register of [registerList, registerShow, registerDestroy, registerReconcile]) register(program, attach);
};
