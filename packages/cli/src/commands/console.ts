import { DriverError, type SerialConsole } from '@virt-drivers/core';
import type { CommandContext } from '../command-context.js';
import type { Register } from '../command.js';
import { examples } from '../examples.js';
import { resolveMachine } from '../machine-reference.js';
import type { Terminal } from '../terminal.js';

// Ctrl-] as in telnet and in every other console program.
const ESCAPE = 0x1d;

const write = (stream: NodeJS.WritableStream, data: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => stream.write(data, (error) => (error ? reject(error) : resolve())));

async function pump(source: AsyncIterable<Uint8Array>, terminal: Terminal): Promise<void> {
  for await (const data of source) await write(terminal.stdout, data);
}

async function sendInput({ stdin }: Terminal, serial: SerialConsole): Promise<void> {
  for await (const chunk of stdin) {
    const data = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const end = data.indexOf(ESCAPE);
    await serial.write(end < 0 ? data : data.subarray(0, end));
    if (end >= 0) return;
  }
  // Input that merely ended (a pipe) does not end the session: output goes on until the machine stops or Ctrl-C.
  await new Promise(() => undefined);
}

async function interact({ terminal, output, call }: CommandContext, serial: SerialConsole): Promise<void> {
  const { stdin } = terminal;
  const raw = stdin.isTTY === true && stdin.setRawMode !== undefined;
  if (raw) output.note('Connected. Ctrl-] ends it.');
  if (raw) stdin.setRawMode?.(true);
  const interrupted = new Promise<void>((resolve) =>
    call.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    await Promise.race([pump(serial.output, terminal), sendInput(terminal, serial), interrupted]);
  } finally {
    if (raw) stdin.setRawMode?.(false);
    stdin.pause();
    await serial.close();
  }
}

export const registerConsole: Register = (program, attach) => {
  attach(
    program
      .command('console')
      .summary('the serial console of a machine')
      .description('Attaches to the serial console of a running machine (Ctrl-] ends it), or prints what was logged.')
      .argument('<machine>')
      .option('--log', 'print the log instead of attaching')
      .option('--follow', 'with --log: go on printing')
      .option('--take-over', "end another's session")
      .addHelpText('after', examples('virt console web', 'virt console web --log --follow | grep error')),
    (context, [reference = ''], { log, follow, takeOver }) =>
      context.withDriver(async (driver) => {
        // A session is meant to last: the command's deadline is for reaching it.
        const { call, terminal } = context;
        const machine = await resolveMachine(driver, reference, call);
        const { consoles } = driver;
        if (log) {
          if (!consoles?.log)
            throw new DriverError(
              'CAPABILITY.ABSENT',
              'This endpoint keeps no console log. See why with: virt drivers --endpoint',
            );
          return pump(consoles.log(machine.id, { follow: follow === true }, { signal: call.signal }), terminal);
        }
        if (!consoles?.serial)
          throw new DriverError(
            'CAPABILITY.ABSENT',
            'This endpoint has no serial consoles. See why with: virt drivers --endpoint',
          );
        await interact(
          context,
          await consoles.serial(machine.id, { takeOver: takeOver === true }, { signal: call.signal }),
        );
      }),
  );
};
