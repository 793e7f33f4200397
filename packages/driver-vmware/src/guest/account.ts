import { DriverError, type Condition, type GuestCommand, type MachineId, type Secret } from '@virt-drivers/core';
import type { NamePasswordAuthentication } from '@virt-drivers/vsphere';
import type { About } from '../errors.js';
import { aboutMachine } from '../machine-views.js';
import type { VmwareSession } from '../session.js';

/** An account in a guest. */
export interface GuestAccount {
  /** Another one as soon as the guest no longer takes it and `next` is known. */
  auth: NamePasswordAuthentication;
  /** The password that the account is about to get. */
  next?: Secret;
  /** What a call with it is about; its password never shows. */
  readonly about: About;
}

/** Why calls into a guest need an account. */
export const WITH_ACCOUNT: Condition = {
  needs: 'guest-cooperation',
  value: 'account',
  reason: 'VMware Tools act for an account of the guest only: give one with the call, or as option guest.',
};

/** Passwords that were set since the options were given, by machine and account. */
export type KnownPasswords = Map<string, Secret>;

export const passwordKey = (id: MachineId, user: string): string => `${id}/${user}`;

/** The account that a call names, or that of the options. Errors: `CAPABILITY.CONDITION_UNMET`. */
export function accountFor(
  { options }: VmwareSession,
  known: KnownPasswords,
  id: MachineId,
  credentials: GuestCommand['credentials'],
): GuestAccount {
  const { user, password } = credentials ?? fromOptions(options.guest, known, id) ?? {};
  if (user === undefined || password === undefined)
    throw new DriverError(
      'CAPABILITY.CONDITION_UNMET',
      `Machine ${id}: no account in the guest. ${WITH_ACCOUNT.reason}`,
      {
        subject: id,
        condition: WITH_ACCOUNT,
      },
    );
  return {
    auth: {
      $type: 'NamePasswordAuthentication',
      username: user,
      password: password.reveal(),
      interactiveSession: false,
    },
    about: {
      ...aboutMachine(id),
      secrets: [password],
      means: {
        FileFault: { code: 'GUEST.REFUSED', says: 'has no such file in its guest, or does not give it' },
        InvalidGuestLogin: { code: 'GUEST.REFUSED', says: 'has no such account in its guest, or another password' },
        // Tools are there, but not ready for this yet.
        GuestOperationsUnavailable: { code: 'GUEST.UNAVAILABLE', says: 'has VMware Tools that are not ready' },
        InvalidState: { code: 'MACHINE.WRONG_STATE', says: 'is not in a state in which its guest could act' },
      },
    },
  };
}

const fromOptions = (
  guest: { readonly username: string; readonly password: Secret } | undefined,
  known: KnownPasswords,
  id: MachineId,
): GuestCommand['credentials'] =>
  guest && { user: guest.username, password: known.get(passwordKey(id, guest.username)) ?? guest.password };

/** Goes on with the new password once the guest has it. False when that changes nothing. */
export function takeNext(account: GuestAccount): boolean {
  if (!account.next) return false;
  account.auth = { ...account.auth, password: account.next.reveal() };
  delete account.next;
  return true;
}
