import { DriverError, nicId, type HostId, type NicSpec } from '@virt-drivers/core';
import { NIC_LIMIT, NICS_PER_MACHINE } from '../limits.js';
import { checkNetwork } from './find.js';
import { nextId, type Scene } from './scene.js';
import type { NicState } from './state.js';

/** A nic as its spec wants it; the address may still be missing. */
export type WantedNic = Omit<NicState, 'id' | 'macAddress'> & { readonly macAddress?: string };

export function nicFromSpec({ network, macAddress, model = 'paravirtual', linkUp = true, limits }: NicSpec): WantedNic {
  return { network, model, linkUp, ...(macAddress !== undefined && { macAddress }), ...(limits && { limits }) };
}

/** Checks everything about a nic to be attached, before anything is changed. */
export function checkNic(scene: Scene, nic: WantedNic, host: HostId, present: readonly WantedNic[]): void {
  checkNetwork(scene, host, nic.network);
  if (nic.macAddress !== undefined && present.some(({ macAddress }) => macAddress === nic.macAddress)) {
    throw new DriverError(
      'NIC.CONFLICT',
      `Address ${nic.macAddress} belongs to another nic of this machine; choose another one.`,
      {
        subject: nic.macAddress,
      },
    );
  }
  if (present.length < NICS_PER_MACHINE) return;
  throw new DriverError(
    'NIC.LIMIT_REACHED',
    `Machine has no place for another nic: ${NICS_PER_MACHINE} are there; detach one first.`,
    {
      condition: NIC_LIMIT,
    },
  );
}

const byte = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');

/** Gives the nic its id, and an address that is unique in this world if it has none. */
export function newNic(scene: Scene, nic: WantedNic): NicState {
  const id = nicId(nextId(scene, 'nic'));
  const number = scene.state.nextId;
  return {
    ...nic,
    id,
    macAddress: nic.macAddress ?? `52:54:00:${byte(number >> 16)}:${byte(number >> 8)}:${byte(number)}`,
  };
}
