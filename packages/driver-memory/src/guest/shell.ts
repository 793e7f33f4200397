import { plan } from '../world/agenda.js';
import type { Scene } from '../world/scene.js';
import type { MachineEntry } from '../world/state.js';
import { devicesOf } from './devices.js';
import { readFile, writeFile } from './guest-files.js';

/** How a command ended; text as bytes in Latin-1. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Program = (scene: Scene, machine: MachineEntry, args: readonly string[], input: string) => CommandResult;

const done = (stdout = ''): CommandResult => ({ exitCode: 0, stdout, stderr: '' });
const failed = (stderr: string, exitCode = 1): CommandResult => ({ exitCode, stdout: '', stderr: `${stderr}\n` });

const goDown =
  (what: 'power-off' | 'reboot'): Program =>
  (scene, machine) => {
    if (machine.guest) machine.guest.phase = 'shutting-down';
    plan(scene, machine.id, what, 10);
    return done();
  };

const cat: Program = (scene, machine, paths, input) => {
  if (paths.length === 0) return done(input);
  const files = paths.map((path) => readFile(scene, machine, path));
  const missing = files.indexOf(undefined);
  if (missing >= 0) return failed(`cat: can't open '${paths[missing]}': No such file or directory`);
  return done(files.map((file) => file?.toString('latin1')).join(''));
};

const remove: Program = (scene, machine, paths) => {
  for (const path of paths) writeFile(scene, machine, path, undefined);
  return done();
};

const guestState: Program = (scene, machine) =>
  done(
    Object.entries(devicesOf(scene, machine))
      .map(([word, text]) => `${word} ${text}\n`)
      .join(''),
  );

const PROGRAMS: Readonly<Record<string, Program>> = {
  true: () => done(),
  false: () => ({ exitCode: 1, stdout: '', stderr: '' }),
  echo: (_scene, _machine, args) => done(`${args.join(' ')}\n`),
  printf: (_scene, _machine, [text = '']) => done(text.replaceAll('\\n', '\n')),
  cat,
  rm: (scene, machine, args) =>
    remove(
      scene,
      machine,
      args.filter((arg) => !arg.startsWith('-')),
      '',
    ),
  sync: () => done(),
  hostname: (_scene, machine) => done(`${machine.guest?.hostname ?? ''}\n`),
  uname: () => done('Memory\n'),
  id: () => done('uid=0(root) gid=0(root)\n'),
  poweroff: goDown('power-off'),
  reboot: goDown('reboot'),
  'guest-state': guestState,
  sh: (scene, machine, [option, line = ''], input) =>
    option === '-c' ? runLine(scene, machine, line) : runLine(scene, machine, input),
};

/** Words of a command line; quotes keep words together. No variables, no patterns. */
function wordsOf(line: string): string[] {
  const words = line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'>])+|>>|>/g);
  return [...words]
    .map(([word]) => word)
    .filter((word) => word !== '')
    .map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** Runs a program of the guest; undefined when there is none of that name. */
export function run(
  scene: Scene,
  machine: MachineEntry,
  path: string,
  args: readonly string[],
  input = '',
): CommandResult | undefined {
  const name = path.replace(/^(\/usr)?\/s?bin\//, '');
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  return program?.(scene, machine, args, input);
}

function runSimple(scene: Scene, machine: MachineEntry, line: string): CommandResult {
  const words = wordsOf(line);
  const redirect = words.findIndex((word) => word === '>' || word === '>>');
  const [name, ...args] = redirect < 0 ? words : words.slice(0, redirect);
  if (name === undefined) return done();
  const result = run(scene, machine, name, args) ?? failed(`sh: ${name}: not found`, 127);
  const target = redirect < 0 ? undefined : words[redirect + 1];
  if (target === undefined) return result;
  const before = words[redirect] === '>>' ? (readFile(scene, machine, target) ?? Buffer.alloc(0)) : Buffer.alloc(0);
  const isWritten = writeFile(scene, machine, target, Buffer.concat([before, Buffer.from(result.stdout, 'latin1')]));
  return isWritten ? { ...result, stdout: '' } : failed(`sh: ${target}: No space left on device`);
}

/** Runs a line of commands separated by `;` and `&&`. */
export function runLine(scene: Scene, machine: MachineEntry, line: string): CommandResult {
  let total = done();
  for (const group of line.split(/[;\n]/)) {
    for (const simple of group.split('&&')) {
      const { exitCode, stdout, stderr } = runSimple(scene, machine, simple);
      total = { exitCode, stdout: total.stdout + stdout, stderr: total.stderr + stderr };
      if (exitCode !== 0) break;
    }
  }
  return total;
}
