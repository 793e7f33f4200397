import type { CapabilityName, Narrowing } from '@virt-drivers/core';
import type { Endpoint } from './endpoint.js';
import type { LibvirtDriverOptions } from './options.js';

type Reasons = Readonly<Partial<Record<CapabilityName, string>>>;

// Measured: libvirt 9.0's test driver, by calling each of these through the daemon.
const TEST_DRIVER: Reasons = {
  'hosts.usage': 'libvirt’s test driver reports an invented host; use qemu:///system for real figures.',
  'machines.resizeHot': 'libvirt’s test driver changes stopped machines only; use qemu:///system.',
  'machines.firmwareUefi': 'libvirt’s test driver runs no firmware; use qemu:///system.',
  'machines.secureBoot': 'libvirt’s test driver runs no firmware; use qemu:///system.',
  'volumes.fromContent': 'libvirt’s test driver keeps no content of volumes; use qemu:///system.',
  'volumes.export': 'libvirt’s test driver keeps no content of volumes; use qemu:///system.',
  'volumes.growOnline': 'libvirt’s test driver resizes no volumes; use qemu:///system.',
  'power.stopGuest': 'libvirt’s test driver has no guests that could be asked; use qemu:///system.',
  'power.rebootGuest': 'libvirt’s test driver has no guests that could be asked; use qemu:///system.',
  'disks.attachRunning': 'libvirt’s test driver attaches nothing to running machines; use qemu:///system.',
  'disks.detachRunning': 'libvirt’s test driver detaches nothing from running machines; use qemu:///system.',
  'nics.attachRunning': 'libvirt’s test driver attaches nothing to running machines; use qemu:///system.',
  'nics.detachRunning': 'libvirt’s test driver detaches nothing from running machines; use qemu:///system.',
  guest: 'libvirt’s test driver runs no guests; use qemu:///system.',
  migration: 'libvirt’s test driver runs no guests; use qemu:///system.',
  encryption: 'libvirt’s test driver keeps no content of volumes; use qemu:///system.',
  images: 'libvirt’s test driver keeps no content of volumes; use qemu:///system.',
  consoles: 'libvirt’s test driver runs no guests; use qemu:///system.',
  remoteVolumes: 'libvirt’s test driver runs no guests; use qemu:///system.',
  'snapshots.quiesce': 'libvirt’s test driver runs no guests; use qemu:///system.',
  'diagnostics.screenshot': 'Machines of libvirt’s test driver are made without a screen; use qemu:///system.',
  'diagnostics.crashDump': 'libvirt’s test driver keeps no content of volumes; use qemu:///system.',
  'diagnostics.counters': 'libvirt’s test driver counts nothing; use qemu:///system.',
  'nics.linkState': 'libvirt’s test driver changes no nic of a running machine; use qemu:///system.',
};

/** What this endpoint lacks of what the manifest claims. */
export function narrowingsOf(
  { product, features }: Endpoint,
  { hostInitiator }: LibvirtDriverOptions,
): readonly Narrowing[] {
  if (product === 'TEST') return listed(TEST_DRIVER);
  return listed({
    ...(features.uefi
      ? {}
      : { 'machines.firmwareUefi': 'The host has no UEFI firmware; install the package ovmf (or edk2-ovmf) there.' }),
    ...(hostInitiator === undefined
      ? { 'remoteVolumes.multipath': 'QEMU uses one portal; open the driver with option hostInitiator.' }
      : {}),
    ...(features.spice
      ? {}
      : { 'consoles.spice': 'QEMU on this host was built without SPICE; install a build with it.' }),
    ...(features.uefi && features.secureBoot
      ? {}
      : {
          'machines.secureBoot':
            'The host has no firmware with secure boot; install the package ovmf (or edk2-ovmf) there.',
        }),
  });
}

const listed = (reasons: Reasons): readonly Narrowing[] =>
  // The keys were written as capability names.
  Object.entries(reasons).map(([capability, reason]) => ({ capability: capability as CapabilityName, reason }));
