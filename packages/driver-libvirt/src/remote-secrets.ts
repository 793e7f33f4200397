import type { CallOptions, MachineId, Secret } from '@virt-drivers/core';
import {
  connectListAllSecrets,
  secretDefineXml,
  secretSetValue,
  secretUndefine,
  isLibvirtError,
} from '@virt-drivers/libvirt';
import { createHash } from 'node:crypto';
import { readUnits } from './convert/host-unit.js';
import { remoteSourceOf } from './convert/remote-source.js';
import { diskElements } from './convert/machine-xml.js';
import { toXml, tree, type Element } from './convert/xml.js';
import { tokenUuid } from './identity.js';
import type { LibvirtSession } from './session.js';

/** What a secret is for, which libvirt wants to be unique. All of one machine's begin alike. */
const usagePrefix = (machine: MachineId): string => `vd-${machine}-`;

/**
 * Has libvirt keep what a machine shows to another system, readable by no client, and answers with its uuid. The same
 * for the same machine and volume, so that an attempt that died is repeated, not doubled. libvirt writes it to a file of
 * root's, since the machine must start again when libvirt was restarted.
 */
export async function keepSecret(
  { daemon }: LibvirtSession,
  machine: MachineId,
  identity: string,
  kind: 'iscsi' | 'ceph',
  value: Secret,
  options: CallOptions,
): Promise<string> {
  const usage = usagePrefix(machine) + createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const uuid = tokenUuid(usage);
  const named = tree(kind === 'iscsi' ? 'target' : 'name', {}, usage);
  const xml = toXml(
    tree(
      'secret',
      { ephemeral: 'no', private: 'yes' },
      tree('uuid', {}, uuid),
      tree('description', {}, `For machine ${machine}`),
      tree('usage', { type: kind }, named),
    ),
  );
  const about = { what: `Secret of machine ${machine}`, subject: machine, secrets: [value] };
  // QUIRK: libvirt takes Ceph's keys as the bytes that their base64 stands for. src/qemu/qemu_block.c
  const bytes = Buffer.from(value.reveal(), kind === 'ceph' ? 'base64' : 'utf8');
  await daemon.call(about, options, async (connection, call) => {
    const secret = await secretDefineXml(connection, xml, 0, call);
    await secretSetValue(connection, secret, bytes, 0, call);
  });
  return uuid;
}

/** Removes the secrets of a machine that no disk of these documents needs; none at all when there are no documents. */
export async function forgetSecrets(
  { daemon, endpoint }: LibvirtSession,
  machine: MachineId,
  documents: readonly Element[],
  options: CallOptions,
): Promise<void> {
  if (endpoint.product !== 'QEMU') return;
  const needed = new Set([
    ...documents.flatMap(diskElements).flatMap((disk) => remoteSourceOf(disk)?.auth?.secretUuid ?? []),
    ...documents.flatMap(readUnits).flatMap(({ account }) => account?.secretUuid ?? []),
  ]);
  const about = { what: `Secrets of machine ${machine}`, subject: machine };
  const all = await daemon.call({ ...about, reads: true }, options, (connection, call) =>
    connectListAllSecrets(connection, 0, call),
  );
  const idle = all.filter(({ uuid, usageId }) => usageId.startsWith(usagePrefix(machine)) && !needed.has(uuid));
  for (const secret of idle) {
    await daemon.call(about, options, async (connection, call) => {
      try {
        await secretUndefine(connection, secret, call);
      } catch (error) {
        // Somebody else was faster.
        if (!isLibvirtError(error) || error.code !== 'NO_SECRET') throw error;
      }
    });
  }
}
