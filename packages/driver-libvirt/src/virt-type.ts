import { randomUUID } from 'node:crypto';
import type { CallOptions } from '@virt-drivers/core';
import { isDriverError } from '@virt-drivers/core';
import { DomainCreateFlags, domainCreateXml, domainDestroy } from '@virt-drivers/libvirt';
import type { Daemon } from './connection.js';
import { toXml, tree } from './convert/xml.js';
import type { Endpoint } from './endpoint.js';
import type { LibvirtDriverOptions } from './options.js';

/** Says how machines run on this host. */
export type VirtTypeOf = (architecture: string, options: CallOptions) => Promise<'kvm' | 'qemu' | 'test'>;

/** Name of the machine that is tried; it exists for a moment and is never listed. */
export const TRIAL_PREFIX = 'vd-trial-';

/** Decides once per architecture and remembers it for the session. */
export function createVirtTypes(daemon: Daemon, endpoint: Endpoint, options: LibvirtDriverOptions): VirtTypeOf {
  const known = new Map<string, Promise<'kvm' | 'qemu'>>();
  return async (architecture, call) => {
    if (endpoint.product === 'TEST') return 'test';
    if (options.virtType) return options.virtType;
    const guest = endpoint.host.guests.find((candidate) => candidate.architecture === architecture);
    if (!guest?.domainTypes.includes('kvm')) return 'qemu';
    const answer = known.get(architecture) ?? tryKvm(daemon, architecture, call);
    known.set(architecture, answer);
    answer.catch(() => known.delete(architecture));
    return answer;
  };
}

/**
 * QUIRK(libvirt 9.0): KVM is announced when libvirtd itself, as root, can open /dev/kvm, also where the account that
 * runs machines cannot. So an empty machine is started, paused, before the announcement is believed; libvirt removes
 * it should we be killed meanwhile.
 */
async function tryKvm(daemon: Daemon, architecture: string, options: CallOptions): Promise<'kvm' | 'qemu'> {
  const uuid = randomUUID();
  const xml = toXml(
    tree(
      'domain',
      { type: 'kvm' },
      tree('name', {}, `${TRIAL_PREFIX}${uuid}`),
      tree('uuid', {}, uuid),
      tree('memory', { unit: 'MiB' }, 16),
      tree('vcpu', {}, 1),
      // What new machines get: a nested KVM may refuse registers of just this model.
      tree('cpu', { mode: 'host-model' }),
      tree('os', {}, tree('type', { arch: architecture }, 'hvm')),
    ),
  );
  const flags = DomainCreateFlags.StartPaused | DomainCreateFlags.StartAutodestroy;
  try {
    await daemon.call({ what: 'Host, asked to try KVM,', long: true }, options, async (connection, call) => {
      await domainDestroy(connection, await domainCreateXml(connection, xml, flags, call), call);
    });
    return 'kvm';
  } catch (error) {
    // What a start that failed says differs with QEMU's version; that the host answered is what counts.
    if (isDriverError(error, 'HOST.FAILED', 'REQUEST.INVALID', 'CAPABILITY.ABSENT')) return 'qemu';
    throw error;
  }
}
