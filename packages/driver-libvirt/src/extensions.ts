import { DriverError, type MachineExtensions, type Secret } from '@virt-drivers/core';

/** What only libvirt's machines have. */
export interface LibvirtMachineExtensions {
  readonly machineType?: string;
  readonly virtType?: 'kvm' | 'qemu';
  /** A libvirt CPU mode; default: the hypervisor's own. */
  readonly cpuMode?: 'host-passthrough' | 'host-model' | 'maximum';
  readonly graphics?: 'vnc' | 'spice' | 'none';
  /** Password of the screen; VNC takes 8 characters at most. */
  readonly graphicsPassword?: Secret;
}

declare module '@virt-drivers/core' {
  interface MachineExtensions {
    readonly libvirt?: LibvirtMachineExtensions;
  }
}

const CHECKS: Readonly<Record<keyof LibvirtMachineExtensions, (value: unknown) => boolean>> = {
  machineType: (value) => typeof value === 'string' && /^[a-z0-9._-]{1,64}$/.test(value),
  virtType: (value) => value === 'kvm' || value === 'qemu',
  cpuMode: (value) => ['host-passthrough', 'host-model', 'maximum'].some((mode) => mode === value),
  graphics: (value) => ['vnc', 'spice', 'none'].some((kind) => kind === value),
  graphicsPassword: (value) => typeof value === 'object' && value !== null && 'reveal' in value,
};

/** The driver's own namespace, checked. Errors: `REQUEST.INVALID`, naming the key. */
export function checkExtensions(extensions: MachineExtensions | undefined): LibvirtMachineExtensions {
  const own = extensions?.libvirt ?? {};
  for (const [name, value] of Object.entries(own)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof LibvirtMachineExtensions] : undefined;
    if (!check || (value !== undefined && !check(value))) {
      const known = Object.keys(CHECKS).join(', ');
      throw new DriverError(
        'REQUEST.INVALID',
        `Extension libvirt.${name} is unknown or has a wrong value; known are ${known}.`,
      );
    }
  }
  return own;
}
