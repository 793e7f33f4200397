import { DriverError, type MachineExtensions, type Secret } from '@virt-drivers/core';
import { GRAPHICS, type GraphicsChoice } from './convert/graphics-xml.js';

/** What only libvirt's machines have. */
export interface LibvirtMachineExtensions {
  readonly machineType?: string;
  readonly virtType?: 'kvm' | 'qemu';
  /** A libvirt CPU mode; default: the hypervisor's own. */
  readonly cpuMode?: 'host-passthrough' | 'host-model' | 'maximum';
  /** Screens; `both` shows the same picture by VNC and by SPICE. Default: the driver's option. */
  readonly graphics?: GraphicsChoice;
  /** Password of the screens; VNC takes 8 characters at most. */
  readonly graphicsPassword?: Secret;
  /** ISO 8601, to the second: nobody gets in by the password afterwards. Who is in stays. */
  readonly graphicsPasswordValidTo?: string;
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
  graphics: (value) => GRAPHICS.some((kind) => kind === value),
  graphicsPassword: (value) => typeof value === 'object' && value !== null && 'reveal' in value,
  graphicsPasswordValidTo: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
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
