import {
  bytes,
  DriverError,
  isDriverError,
  type CallOptions,
  type Condition,
  type GuestCommand,
  type GuestCommandResult,
  type MachineId,
} from '@virt-drivers/core';
import { deadlineIn, delay } from '@virt-drivers/core/kit';
import type { GuestProcessInfo } from '@virt-drivers/vsphere';
import { familyOf } from '../convert/guest-info.js';
import { argumentText, checkCommand, type Redirections } from '../convert/shell-words.js';
import type { VmwareSession } from '../session.js';
import { requireTools } from '../tools-status.js';
import { takeNext, type GuestAccount } from './account.js';
import { openGuestFile, sendGuestFile } from './files.js';
import { guestManager } from './managers.js';

const OUTPUT_LIMIT = bytes(1_048_576);
const LOOK_MILLISECONDS = { first: 200, most: 2_000 };

export const LINUX: Condition = {
  needs: 'guest-cooperation',
  value: 'linux',
  reason: 'Output is caught by the shell that VMware Tools use in Linux guests; Windows guests have none.',
};

/** Runs a program in a guest to its end, with its streams in files of a folder of its own, which goes afterwards. */
export async function runInGuest(
  session: VmwareSession,
  id: MachineId,
  account: GuestAccount,
  command: GuestCommand,
  options: CallOptions,
): Promise<GuestCommandResult> {
  const { path, args = [], input } = command;
  checkCommand(path, args);
  await requireTools(session, id, options);
  await requireLinux(session, id, options);
  const folder = await makeFolder(session, id, account, options);
  try {
    const streams: Redirections = {
      output: `${folder}/output`,
      errors: `${folder}/errors`,
      ...(input && { input: `${folder}/input` }),
    };
    if (streams.input !== undefined && input)
      await sendGuestFile(
        session,
        id,
        account,
        { path: streams.input, sizeBytes: input.length, isPrivate: true },
        once(input),
        options,
      );
    const exitCode = await runToEnd(session, id, account, command, argumentText(args, streams), options);
    const limit = command.outputLimitBytes ?? OUTPUT_LIMIT;
    const [stdout, stderr] = [
      await readLimited(session, id, account, streams.output, limit, options),
      await readLimited(session, id, account, streams.errors, limit, options),
    ];
    return { exitCode, stdout: stdout.data, stderr: stderr.data, truncated: stdout.cut || stderr.cut };
  } finally {
    await removeFolder(session, id, account, folder);
  }
}

async function requireLinux({ machines }: VmwareSession, id: MachineId, options: CallOptions): Promise<void> {
  const { 'guest.guestFamily': family } = await machines.call(id, { reads: true }, options, (ref, vsphere, call) =>
    vsphere.properties.get(ref, ['guest.guestFamily'], call),
  );
  if (familyOf(family) !== 'windows') return;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `Machine ${id} runs Windows. ${LINUX.reason}`, {
    subject: id,
    condition: LINUX,
  });
}

async function makeFolder(
  session: VmwareSession,
  id: MachineId,
  { about, auth }: GuestAccount,
  options: CallOptions,
): Promise<string> {
  const manager = await guestManager(session, 'fileManager', options);
  return session.machines.call(id, about, options, (vm, vsphere, call) =>
    vsphere.invoke(manager, 'CreateTemporaryDirectoryInGuest', { vm, auth, prefix: 'virt-', suffix: '' }, call),
  );
}

/** In its own time, also when the caller gave up. What stays is in the guest's folder for such things. */
async function removeFolder(
  session: VmwareSession,
  id: MachineId,
  { about, auth }: GuestAccount,
  folder: string,
): Promise<void> {
  const options = { deadline: deadlineIn({ seconds: 20 }) };
  const request = { auth, directoryPath: folder, recursive: true };
  try {
    const manager = await guestManager(session, 'fileManager', options);
    await session.machines.call(id, about, options, (vm, vsphere, call) =>
      vsphere.invoke(manager, 'DeleteDirectoryInGuest', { vm, ...request }, call),
    );
  } catch {
    // The guest may be gone by now.
  }
}

async function runToEnd(
  session: VmwareSession,
  id: MachineId,
  account: GuestAccount,
  { path, environment }: GuestCommand,
  text: string,
  options: CallOptions,
): Promise<number> {
  const { about } = account;
  const manager = await guestManager(session, 'processManager', options);
  const variables = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const spec = { programPath: path, arguments: text, ...(variables.length > 0 && { envVariables: variables }) };
  const pid = await session.machines.call(id, about, options, (vm, vsphere, call) =>
    vsphere.invoke(manager, 'StartProgramInGuest', { vm, auth: account.auth, spec }, call),
  );
  const look = (call: CallOptions): Promise<GuestProcessInfo | undefined> =>
    session.machines.call(id, { ...about, reads: true }, call, async (vm, vsphere, own) =>
      (await vsphere.invoke(manager, 'ListProcessesInGuest', { vm, auth: account.auth, pids: [pid] }, own)).find(
        (process) => process.pid === pid,
      ),
    );
  try {
    return await waitForEnd(id, (call) => withNext(account, () => look(call)), options);
  } catch (error) {
    // Nobody waits for it any more.
    await session.machines
      .call(id, about, { deadline: deadlineIn({ seconds: 10 }) }, (vm, vsphere, call) =>
        vsphere.invoke(manager, 'TerminateProcessInGuest', { vm, auth: account.auth, pid }, call),
      )
      .catch(() => undefined);
    throw error;
  }
}

/** The program may be what changes the password of the account that watches it. */
async function withNext<T>(account: GuestAccount, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isDriverError(error) || error.native?.code !== 'InvalidGuestLogin' || !takeNext(account)) throw error;
    return run();
  }
}

async function waitForEnd(
  id: MachineId,
  look: (call: CallOptions) => Promise<GuestProcessInfo | undefined>,
  options: CallOptions,
): Promise<number> {
  for (let wait = LOOK_MILLISECONDS.first; ; wait = Math.min(wait * 2, LOOK_MILLISECONDS.most)) {
    const process = await look(options);
    if (process?.exitCode !== undefined) return process.exitCode;
    if (!process || process.endTime !== undefined)
      throw new DriverError('GUEST.REFUSED', `Machine ${id}: its guest does not know how the program ended.`, {
        subject: id,
        stateAfter: 'unknown',
      });
    const what = `Waiting for the program in machine ${id}`;
    await delay({ milliseconds: wait }, options, { what, subject: id, stateAfter: 'unknown' });
  }
}

async function readLimited(
  session: VmwareSession,
  id: MachineId,
  account: GuestAccount,
  path: string,
  limit: bigint,
  options: CallOptions,
): Promise<{ readonly data: Uint8Array; readonly cut: boolean }> {
  const { sizeBytes, chunks } = await openGuestFile(session, id, account, path, options);
  const parts: Uint8Array[] = [];
  let length = 0n;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += BigInt(chunk.length);
    if (length >= limit) break;
  }
  return { data: Buffer.concat(parts).subarray(0, Number(limit)), cut: sizeBytes > limit };
}

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data;
}
