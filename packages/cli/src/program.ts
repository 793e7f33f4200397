import { Command, Option } from 'commander';
import { DriverError } from '@virt-drivers/core';
import { collect, listFlag, textFlag, type Attach, type Flags } from './command.js';
import { createContext } from './command-context.js';
import { registerCompletion } from './commands/completion.js';
import { registerConsole } from './commands/console.js';
import { registerDoctor } from './commands/doctor.js';
import { registerDrivers } from './commands/drivers.js';
import { registerImage } from './commands/image.js';
import { registerInstances } from './commands/instances.js';
import { registerMigrate } from './commands/migrate.js';
import { registerNic } from './commands/nic.js';
import { registerPins } from './commands/pins.js';
import { registerPower } from './commands/power.js';
import { registerRebuild } from './commands/rebuild.js';
import { registerRescue } from './commands/rescue.js';
import { registerResize } from './commands/resize.js';
import { registerSnapshot } from './commands/snapshot.js';
import { registerSpawn } from './commands/spawn.js';
import { registerSuspension } from './commands/suspension.js';
import { registerVolume } from './commands/volume.js';
import { parseSettings } from './settings/parse-settings.js';
import type { PartialSettings } from './settings/settings.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

const COMMANDS = [
  registerSpawn,
  registerInstances,
  registerConsole,
  registerPower,
  registerSuspension,
  registerSnapshot,
  registerVolume,
  registerNic,
  registerRebuild,
  registerRescue,
  registerResize,
  registerMigrate,
  registerImage,
  registerDrivers,
  registerPins,
  registerDoctor,
  registerCompletion,
];

// A driver's options may be numbers, switches or objects; what is not JSON is a text.
function optionValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseOptions(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new DriverError('REQUEST.INVALID', `Option "${pair}" must look like name=value.`);
    return [pair.slice(0, at), optionValue(pair.slice(at + 1))] as const;
  });
  return Object.fromEntries(entries);
}

function settingsOf(flags: Flags): PartialSettings {
  const timeout = textFlag(flags, 'timeout');
  const given = {
    driver: textFlag(flags, 'driver'),
    target: textFlag(flags, 'target'),
    pins: textFlag(flags, 'pins'),
    pinsChannel: textFlag(flags, 'pinsChannel'),
    output: textFlag(flags, 'output'),
    options: parseOptions(listFlag(flags, 'option')),
    timeoutSeconds: timeout === undefined ? undefined : Number(timeout),
  };
  return parseSettings(given, 'Command line');
}

const EXAMPLES = `
Examples:
  virt doctor                                        what is missing on this machine, and how to get it
  virt spawn web --image debian.qcow2 --memory 1G    a machine from an image
  virt list                                          instances and their states
  virt console web                                   its serial console
  virt --target memory:// list                       the same on the embedded driver
  virt --output json show web | jq .state

Settings come from the configuration file (~/.config/virt-drivers/config.yaml), then the environment (VIRT_DRIVER,
VIRT_TARGET, VIRT_PINS, VIRT_PINS_CHANNEL, VIRT_POOL, VIRT_NETWORK, VIRT_OUTPUT, VIRT_TIMEOUT), then flags.
Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict, 5 unreachable, 6 denied, 7 image refused, 8 timeout, 130 interrupted.`;

/** The whole command line, ready to parse. Throws `CommanderError` for help and usage errors instead of exiting. */
export function createProgram(terminal: Terminal, signal: AbortSignal): Command {
  const program = new Command('virt')
    .description('Virtual machines on any hypervisor that has a driver.')
    .version(VERSION, '-V, --version')
    .option('-d, --driver <name>', 'driver package, or its short name')
    .option('-t, --target <uri>', 'endpoint, for example qemu:///system or memory://')
    .addOption(new Option('-o, --output <format>', 'table for people, json for programs').choices(['table', 'json']))
    .option('--option <name=value>', "a driver's own option, as JSON or text; may be repeated", collect)
    .option('--pins <file>', 'load no driver that this pins.json does not approve')
    .option('--pins-channel <name>', 'channel of it; default: the one that pins are added to')
    .option('--timeout <seconds>', 'how long the whole command may take')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(see --help)');
  const attach: Attach = (command, body) => {
    command.action(async (...received: unknown[]) => {
      const args = command.processedArgs.map((arg) => (typeof arg === 'string' ? arg : ''));
      const context = await createContext(terminal, settingsOf(program.opts()), signal);
      await body(context, received.length > 2 ? args : [], command.opts());
    });
  };
  for (const register of COMMANDS) register(program, attach);
  return prepare(program, terminal);
}

// Commander's own exits and writes, turned into ours, for every command of the tree.
function prepare(command: Command, terminal: Terminal): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => void terminal.stdout.write(text),
    writeErr: (text) => void terminal.stderr.write(text),
  });
  for (const inner of command.commands) prepare(inner, terminal);
  return command;
}
