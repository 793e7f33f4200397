import { DriverError, type CallOptions, type MachineId, type Secret } from '@virt-drivers/core';
import type { VmwareSession } from '../session.js';
import { accountFor, passwordKey, takeNext, type KnownPasswords } from './account.js';
import { runInGuest } from './exec.js';

const PROGRAM = '/usr/sbin/chpasswd';

/** Sets a password by the guest's own program, which reads it: it is in no argument list. Errors: `GUEST.REFUSED`, `REQUEST.INVALID`. */
export async function setGuestPassword(
  session: VmwareSession,
  known: KnownPasswords,
  id: MachineId,
  user: string,
  password: Secret,
  options: CallOptions,
): Promise<void> {
  if (/[:\p{Cc}]/u.test(user) || user === '')
    throw new DriverError('REQUEST.INVALID', `Account ${JSON.stringify(user)} cannot be in a guest.`, { subject: id });
  if (/[\p{Cc}]/u.test(password.reveal()))
    throw new DriverError('REQUEST.INVALID', `Password for ${user} has control characters, which cannot be typed.`);
  const input = Buffer.from(`${user}:${password.reveal()}\n`);
  const account = accountFor(session, known, id, undefined);
  const isOwn = user === account.auth.username;
  if (isOwn) account.next = password;
  const { exitCode } = await runInGuest(session, id, account, { path: PROGRAM, input }, options).finally(() => {
    // It was taken: calls to come need it too.
    if (isOwn && !account.next) known.set(passwordKey(id, user), password);
  });
  if (exitCode === 0) {
    if (isOwn && takeNext(account)) known.set(passwordKey(id, user), password);
    return;
  }
  // What it printed may repeat what it read.
  throw new DriverError(
    'GUEST.REFUSED',
    `Machine ${id}: its guest did not take a password for ${user} (${PROGRAM} ended with ${exitCode}); is there such an account?`,
    { subject: id },
  );
}
