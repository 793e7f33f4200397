import {
  DriverError,
  type CallOptions,
  type Condition,
  type FacetAs,
  type MachineId,
  type MachineState,
} from '@virt-drivers/core';
import {
  domainCreateWithFlags,
  domainManagedSave,
  domainManagedSaveRemove,
  domainResume,
  domainSuspend,
} from '@virt-drivers/libvirt';
import type { capabilities } from './capabilities.js';
import type { NativeCall } from './connection.js';
import { ploopDisks } from './convert/ploop.js';
import { aboutMachine, domainOf, type DomainView } from './domains.js';
import { renewingTexts } from './machines/texts.js';
import type { LibvirtSession } from './session.js';

/** From which states one leads where. */
interface Way {
  readonly states: readonly MachineState[];
  readonly reached: MachineState;
  readonly refuse?: (view: DomainView) => void;
}

/** QEMU saves a machine as it migrates it, and blocks that while an image in this format is open. */
export const NO_FOLDERS: Condition = {
  needs: 'volume-format',
  value: 'qcow2, raw',
  reason: 'QEMU saves no machine that has a disk in Parallels’ format.',
};

/** Errors: `CAPABILITY.CONDITION_UNMET`. */
function refuseFolders({ machine: { id }, document }: DomainView): void {
  const [disk] = ploopDisks(document);
  if (disk === undefined) return;
  const message = `Machine ${id} cannot be saved with disk ${disk}. ${NO_FOLDERS.reason} Stop it.`;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', message, { subject: id, condition: NO_FOLDERS });
}

/** Pause, and libvirt's managed save. */
export function createSuspension(session: LibvirtSession): FacetAs<'suspension', typeof capabilities.suspension> {
  const { daemon, domains, locks } = session;
  /** Acts on a machine in one of these states; one that is there already is left as it is. */
  const from = (
    id: MachineId,
    options: CallOptions,
    { states, reached, refuse }: Way,
    run: NativeCall<unknown>,
  ): Promise<void> =>
    locks.run(id, options, async () => {
      const view = await domains.view(id, options);
      const { state } = view.machine;
      if (state === reached) return;
      if (!states.includes(state)) {
        throw new DriverError(
          'MACHINE.WRONG_STATE',
          `Machine ${id} is ${state}; for this it must be ${states.join(' or ')}.`,
          { subject: id },
        );
      }
      refuse?.(view);
      const change = () => daemon.call({ ...aboutMachine(id), long: true, within: { minutes: 5 } }, options, run);
      if (state === 'saved') await renewingTexts(session, view, options, change);
      else await change();
    });

  return {
    pause: (id, options = {}) =>
      from(id, options, { states: ['running'], reached: 'paused' }, (connection, call) =>
        domainSuspend(connection, domainOf(id), call),
      ),
    resume: (id, options = {}) =>
      from(id, options, { states: ['paused'], reached: 'running' }, (connection, call) =>
        domainResume(connection, domainOf(id), call),
      ),
    save: (id, options = {}) =>
      from(
        id,
        options,
        { states: ['running', 'paused'], reached: 'saved', refuse: refuseFolders },
        (connection, call) => domainManagedSave(connection, domainOf(id), 0, call),
      ),
    restore: (id, options = {}) =>
      from(id, options, { states: ['saved'], reached: 'running' }, (connection, call) =>
        domainCreateWithFlags(connection, domainOf(id), 0, call),
      ),
    discardSaved: (id, options = {}) =>
      locks.run(id, options, async () => {
        if (!(await domains.view(id, options)).saved) return;
        await daemon.call(aboutMachine(id), options, (connection, call) =>
          domainManagedSaveRemove(connection, domainOf(id), 0, call),
        );
      }),
  };
}
