import { DriverError, type CallOptions, type MachineId } from '@virt-drivers/core';
import { qemuDomainAgentCommand } from '@virt-drivers/libvirt';
import { aboutMachine, domainOf } from '../domains.js';
import type { About } from '../errors.js';
import type { LibvirtSession } from '../session.js';

/** QUIRK(libvirt 9.0): what an agent answers with an error arrives as an internal error. qemuAgentCheckError */
export const aboutGuest = (id: string): About => ({
  ...aboutMachine(id),
  means: { INTERNAL_ERROR: { code: 'GUEST.REFUSED', says: 'has a guest that refused this' } },
});

/** Seconds that libvirt waits for the agent's answer to one command. */
const ANSWER_SECONDS = 10;

/** One command to the agent of a machine, and what it returned. https://qemu.org/docs/master/interop/qemu-ga-ref.html */
export type AskAgent = <Result>(
  id: MachineId,
  command: string,
  values: Readonly<Record<string, unknown>>,
  options: CallOptions,
) => Promise<Result>;

export function createAgent({ daemon, domains }: LibvirtSession): AskAgent {
  return async <Result>(
    id: MachineId,
    command: string,
    values: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ) => {
    await requireRunning(domains, id, options);
    const text = JSON.stringify({ execute: command, arguments: values });
    const answer = await daemon.call({ ...aboutGuest(id), long: true }, options, (connection, call) =>
      qemuDomainAgentCommand(connection, domainOf(id), text, ANSWER_SECONDS, 0, call),
    );
    // The agent's reference says what each command returns; libvirt has checked that it is an answer.
    return (JSON.parse(answer ?? '{}') as { readonly return: Result }).return;
  };
}

/** Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`. */
export async function requireRunning(
  domains: LibvirtSession['domains'],
  id: MachineId,
  options: CallOptions,
): Promise<void> {
  const { state } = (await domains.view(id, options)).machine;
  if (state === 'running') return;
  throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}; only a running guest answers.`, {
    subject: id,
  });
}
