import { DriverError, type MigrationExtensions } from '@virt-drivers/core';

/** What only libvirt's migrations have. */
export interface LibvirtMigrationExtensions {
  /**
   * Who leads: `program` (default) means this program, which speaks to both hosts; `source` means that the source's
   * daemon speaks to the destination's, which it must reach and be let in to; `tunnel` sends memory through the daemons too.
   */
  readonly lead?: 'program' | 'source' | 'tunnel';
  /** Slows the guest down when its memory changes faster than it is copied. */
  readonly autoConverge?: boolean;
  /** Connections that memory is sent over at a time: 2 to 32. */
  readonly connections?: number;
  /** Moves although libvirt does not believe that both hosts see the same storage. */
  readonly unsafe?: boolean;
  /** Name in the destination's certificate, where it is not the address that is connected to. */
  readonly tlsName?: string;
  /** Gives up, and the machine stays, when nothing was sent for so many seconds, 5 to 3600; 60 when left out. */
  readonly stalledSeconds?: number;
}

declare module '@virt-drivers/core' {
  interface MigrationExtensions {
    readonly libvirt?: LibvirtMigrationExtensions;
  }
}

const CHECKS: Readonly<Record<keyof LibvirtMigrationExtensions, (value: unknown) => boolean>> = {
  lead: (value) => ['program', 'source', 'tunnel'].some((known) => known === value),
  autoConverge: (value) => typeof value === 'boolean',
  connections: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 2 && value <= 32,
  unsafe: (value) => typeof value === 'boolean',
  tlsName: (value) => typeof value === 'string' && /^[A-Za-z0-9.:-]{1,253}$/.test(value),
  stalledSeconds: (value) => typeof value === 'number' && value >= 5 && value <= 3600,
};

/** The driver's own namespace, checked. Errors: `REQUEST.INVALID`, naming the key. */
export function checkMigrationExtensions(extensions: MigrationExtensions | undefined): LibvirtMigrationExtensions {
  const own = extensions?.libvirt ?? {};
  for (const [name, value] of Object.entries(own)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof LibvirtMigrationExtensions] : undefined;
    if (!check || (value !== undefined && !check(value))) {
      const known = Object.keys(CHECKS).join(', ');
      throw new DriverError(
        'REQUEST.INVALID',
        `Extension libvirt.${name} of the migration is unknown or has a wrong value; known are ${known}.`,
      );
    }
  }
  return own;
}
