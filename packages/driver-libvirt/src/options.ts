import { DriverError } from '@virt-drivers/core';
import { isPowerFlexOptions, type PowerFlexOptions } from './powerflex/powerflex-options.js';
import { GRAPHICS, type GraphicsChoice } from './convert/graphics-xml.js';

/** Options of the libvirt driver; all have defaults. */
export interface LibvirtDriverOptions {
  /** How new machines run; by default KVM where the host can start a machine with it, else emulation. */
  readonly virtType?: 'kvm' | 'qemu';
  /** Machine type of new machines; by default `q35` on x86 and `virt` on ARM. */
  readonly machineType?: string;
  /** Screens of new machines; default `vnc`, on the host's loopback address only. `both`: the same one by VNC and by SPICE. */
  readonly graphics?: GraphicsChoice;
  /** Pool that is defined and started when it is not there; without it no pool is ever made. */
  readonly pool?: { readonly name: string; readonly path: string };
  /** A storage pool of PowerFlex (ScaleIO), which libvirt itself knows nothing of. */
  readonly powerflex?: PowerFlexOptions;
  /**
   * The host, not QEMU, logs in to iSCSI targets of disks that are attached from then on, which multipath needs; this is
   * the name that its initiator has there (`/etc/iscsi/initiatorname.iscsi`).
   */
  readonly hostInitiator?: string;
  /** Seconds that opening may take when the caller gives no deadline; default 15. */
  readonly connectSeconds?: number;
  /** URI at which a program, or the other host, that moves a machine here reaches this daemon; default: the target. */
  readonly migrationUri?: string;
  /** Address or host name at which this host takes memory and disks of machines that move here; default: libvirt's choice. */
  readonly migrationAddress?: string;
}

type Check = (value: unknown) => boolean;

const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.some((known) => known === value);
const isPool: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'path' in value &&
  typeof value.name === 'string' &&
  /^[A-Za-z0-9._-]{1,100}$/.test(value.name) &&
  typeof value.path === 'string' &&
  value.path.startsWith('/');

const CHECKS: Readonly<Record<keyof LibvirtDriverOptions, readonly [Check, string]>> = {
  virtType: [oneOf('kvm', 'qemu'), 'must be kvm or qemu'],
  machineType: [
    (value) => typeof value === 'string' && /^[a-z0-9._-]{1,64}$/.test(value),
    'must be a name such as q35',
  ],
  graphics: [oneOf(...GRAPHICS), `must be one of ${GRAPHICS.join(', ')}`],
  pool: [isPool, 'must be { name, path } with an absolute path'],
  powerflex: [
    isPowerFlexOptions,
    'must be { pool, gateway, user, passwordFile, protectionDomain, storagePool, dataClient } with an https gateway and, where wanted, { caFile, deviceDirectory }',
  ],
  hostInitiator: [
    (value) => typeof value === 'string' && /^(iqn|eui|naa)\.[A-Za-z0-9.:-]{1,219}$/.test(value),
    'must be the name in the host’s /etc/iscsi/initiatorname.iscsi',
  ],
  migrationUri: [
    (value) => typeof value === 'string' && /^[a-z+]+:\/\/\S+$/.test(value),
    'must be a libvirt URI such as qemu+tls://kvm2.example.org/system',
  ],
  migrationAddress: [
    (value) => typeof value === 'string' && /^[A-Za-z0-9.:-]{1,253}$/.test(value),
    'must be an address or a host name',
  ],
  connectSeconds: [
    (value) => typeof value === 'number' && value > 0 && value <= 600,
    'must be a number of seconds up to 600',
  ],
};

/** Checks options that came from configuration. Errors: `REQUEST.INVALID`, naming the option. */
export function checkOptions(options: Readonly<Record<string, unknown>>): LibvirtDriverOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!isOption(name)) {
      throw new DriverError(
        'REQUEST.INVALID',
        `Option ${name} is unknown; known are ${Object.keys(CHECKS).join(', ')}.`,
      );
    }
    const [check, rule] = CHECKS[name];
    if (value !== undefined && !check(value)) throw new DriverError('REQUEST.INVALID', `Option ${name} ${rule}.`);
  }
  // Every entry was checked against its own rule.
  return options as LibvirtDriverOptions;
}

const isOption = (name: string): name is keyof LibvirtDriverOptions => Object.hasOwn(CHECKS, name);
