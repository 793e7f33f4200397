import {
  DriverError,
  type CallOptions,
  type FacetAs,
  type Nic,
  type NicId,
  type NicLimits,
  type NicSpec,
} from '@virt-drivers/core';
import {
  DomainDeviceModifyFlags,
  domainAttachDeviceFlags,
  domainDetachDeviceFlags,
  domainUpdateDeviceFlags,
} from '@virt-drivers/libvirt';
import { afterChange, canonicalText, deadlineIn } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { nicElements } from './convert/machine-xml.js';
import { limitsTree, nicTree, readNic } from './convert/nic-xml.js';
import { append, attribute, child, parseXml, remove, serialize, toXml, tree, type Element } from './convert/xml.js';
import { devicesOf, editStored } from './domain-editing.js';
import { aboutMachine, type DomainView } from './domains.js';
import { waitForDomain } from './domain-waiting.js';
import { planNic } from './nic-planning.js';
import type { LibvirtSession } from './session.js';
import { refuseWithoutSlot } from './slots.js';

const { Live, Config } = DomainDeviceModifyFlags;
/** Nics of one machine: as many as every machine type has room for beside its disks. */
export const MOST_NICS = 8;
const LETTING_GO = { seconds: 30 };

/** Nics of libvirt domains; a nic's id is its address. */
export function createNics(session: LibvirtSession): FacetAs<'nics', typeof capabilities.nics> {
  const { daemon, domains, locks } = session;
  const isActive = ({ machine }: DomainView): boolean => machine.state === 'running' || machine.state === 'paused';

  /** Changes one nic's element, in the machine that runs and in the stored one. */
  const adjust = async (
    view: DomainView,
    nic: NicId,
    options: CallOptions,
    change: (element: Element) => void,
  ): Promise<Nic> => {
    if (isActive(view)) {
      const element = parseXml(serialize(nicOf(view.document, nic)));
      change(element);
      await daemon.call(aboutMachine(view.machine.id), options, (connection, call) =>
        domainUpdateDeviceFlags(connection, view.domain, serialize(element), Live, call),
      );
    }
    await editStored(session, view.domain, options, (document) => change(nicOf(document, nic)));
    return readNic(nicOf((await afterChange(domains.view(view.machine.id, options))).document, nic));
  };

  return {
    attach: (id, spec, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const known = equalNic(view, spec);
        if (known) return known;
        if (view.machine.nics.length >= MOST_NICS) {
          throw new DriverError(
            'NIC.LIMIT_REACHED',
            `Machine ${id} has ${MOST_NICS} nics, which is the most it can have. Detach one first.`,
            { subject: id },
          );
        }
        const plan = await planNic(session, spec, options);
        if (isActive(view)) {
          refuseWithoutSlot(id, view.document, 'NIC.LIMIT_REACHED');
          await daemon.call(aboutMachine(id), options, (connection, call) =>
            domainAttachDeviceFlags(connection, view.domain, toXml(nicTree(plan)), Live | Config, call),
          );
        } else {
          await editStored(session, view.domain, options, (document) => append(devicesOf(document), nicTree(plan)));
        }
        const { nics } = (await afterChange(domains.view(id, options))).machine;
        const made = nics.find(({ macAddress }) => macAddress === plan.macAddress);
        if (!made) throw notFound(plan.macAddress);
        return made;
      }),

    detach: (id, nic, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        if (isActive(view)) await detachLive(session, view, nic, options);
        await editStored(session, view.domain, options, (document) => {
          const stored = elementOf(document, nic);
          if (stored) remove(stored);
        });
      }),

    setLink: (id, nic, linkUp, options = {}) =>
      locks.run(id, options, async () =>
        adjust(await domains.view(id, options), nic, options, (element) => {
          const old = child(element, 'link');
          if (old) remove(old);
          append(element, tree('link', { state: linkUp ? 'up' : 'down' }));
        }),
      ),

    setLimits: (id, nic, limits, options = {}) =>
      locks.run(id, options, async () =>
        adjust(await domains.view(id, options), nic, options, (element) => putLimits(element, limits)),
      ),
  };
}

function putLimits(element: Element, limits: NicLimits): void {
  const old = child(element, 'bandwidth');
  if (old) remove(old);
  const now = limitsTree(limits);
  if (now) append(element, now);
}

async function detachLive(session: LibvirtSession, view: DomainView, nic: NicId, options: CallOptions): Promise<void> {
  const element = elementOf(view.document, nic);
  if (!element) return;
  const { daemon, domains } = session;
  const { domain } = view;
  const deadline = options.deadline ?? deadlineIn(LETTING_GO);
  const gone = async (): Promise<boolean> => !elementOf(await domains.document(domain, { ...options, deadline }), nic);
  const left = await waitForDomain(session.events, domain, { ...options, deadline }, gone, () =>
    daemon.call({ ...aboutMachine(domain.uuid), long: true }, options, (connection, call) =>
      domainDetachDeviceFlags(connection, domain, serialize(element), Live, call),
    ),
  );
  if (left) return;
  const message = `Nic ${nic} of machine ${domain.uuid} was not let go by the guest in time; it stays attached. Try again when the guest is up.`;
  throw new DriverError('CALL.DEADLINE_EXCEEDED', message, { subject: nic, stateAfter: 'unchanged' });
}

/** Errors: `NIC.CONFLICT` when the address is taken by a nic that is different. */
function equalNic({ machine }: DomainView, spec: NicSpec): Nic | undefined {
  const known = machine.nics.find(({ macAddress }) => macAddress === spec.macAddress);
  if (!known) return undefined;
  const { network, model, linkUp, limits } = known;
  const wanted = {
    network: spec.network,
    model: spec.model ?? 'paravirtual',
    linkUp: spec.linkUp ?? true,
    limits: spec.limits,
  };
  if (canonicalText(wanted) === canonicalText({ network, model, linkUp, limits })) return known;
  const message = `Address ${spec.macAddress} is taken by another nic of machine ${machine.id}. Detach that first, or choose another address.`;
  throw new DriverError('NIC.CONFLICT', message, { subject: known.id });
}

const elementOf = (document: Element, id: NicId): Element | undefined =>
  nicElements(document).find((element) => attribute(element, 'address', 'mac') === id);

function nicOf(document: Element, id: NicId): Element {
  const element = elementOf(document, id);
  if (!element) throw notFound(id);
  return element;
}

const notFound = (id: string): DriverError =>
  new DriverError('NIC.NOT_FOUND', `Nic ${id} is not there; machines.get tells the nics of a machine.`, {
    subject: id,
  });
