import {
  bytes,
  DriverError,
  isDriverError,
  type CallOptions,
  type GuestCommand,
  type GuestCommandResult,
  type MachineId,
} from '@virt-drivers/core';
import { createBackoff, deadlineIn, delay, retryWhile } from '@virt-drivers/core/kit';
import type { AskAgent } from './agent.js';

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
  readonly 'out-truncated'?: boolean;
  readonly 'err-truncated'?: boolean;
}

const OUTPUT_LIMIT = bytes(1_048_576);
const PATIENCE = { minutes: 5 };
/** How shells tell that a signal ended a program. */
const SIGNALLED = 128;

/** Runs a program in the guest to its end; the agent keeps its output until it is asked for. */
export async function execInGuest(
  ask: AskAgent,
  id: MachineId,
  command: GuestCommand,
  options: CallOptions,
): Promise<GuestCommandResult> {
  const call = { ...options, deadline: options.deadline ?? deadlineIn(PATIENCE) };
  const pid = await startInGuest(ask, id, command, call);
  const backoff = createBackoff({ initial: { milliseconds: 50 }, cap: { seconds: 1 } });
  for (;;) {
    // The program runs, and its output is kept: an agent that is too busy to answer once is asked again.
    const status = await retryWhile(call, (attempt) => ask<ExecStatus>(id, 'guest-exec-status', { pid }, attempt), {
      when: isSilent,
    });
    if (status.exited) return toResult(status, command.outputLimitBytes ?? OUTPUT_LIMIT);
    // The agent tells nobody that a program has ended.
    await delay(backoff.next(), call, { what: `Program ${command.path} in machine ${id}`, stateAfter: 'unknown' });
  }
}

/** Starts it once: libvirt says in the same way that the agent was not asked and that it did not answer in time. */
async function startInGuest(ask: AskAgent, id: MachineId, command: GuestCommand, call: CallOptions): Promise<number> {
  await ask(id, 'guest-ping', {}, call);
  try {
    const { pid } = await ask<{ readonly pid: number }>(
      id,
      'guest-exec',
      {
        path: command.path,
        arg: command.args ?? [],
        env: Object.entries(command.environment ?? {}).map(([name, value]) => `${name}=${value}`),
        ...(command.input && { 'input-data': Buffer.from(command.input).toString('base64') }),
        'capture-output': true,
      },
      call,
    );
    return pid;
  } catch (error) {
    if (!isDriverError(error) || !isSilent(error)) throw error;
    const says = `its agent went silent when it was asked to start ${command.path}, which may run; look before starting it again.`;
    throw new DriverError(error.code, `Machine ${id}: ${says}`, {
      retryable: false,
      stateAfter: 'unknown',
      subject: id,
      ...(error.native && { native: error.native }),
      cause: error,
    });
  }
}

const isSilent = (error: DriverError): boolean => error.code === 'GUEST.UNAVAILABLE';

function toResult(status: ExecStatus, limit: bigint): GuestCommandResult {
  const [stdout, stderr] = [status['out-data'], status['err-data']].map((data) => Buffer.from(data ?? '', 'base64'));
  const most = Number(limit);
  const cut = (stdout?.length ?? 0) > most || (stderr?.length ?? 0) > most;
  return {
    exitCode: status.exitcode ?? SIGNALLED + (status.signal ?? 0),
    stdout: stdout?.subarray(0, most) ?? new Uint8Array(),
    stderr: stderr?.subarray(0, most) ?? new Uint8Array(),
    truncated: cut || status['out-truncated'] === true || status['err-truncated'] === true,
  };
}
