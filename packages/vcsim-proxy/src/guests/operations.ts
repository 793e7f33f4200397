import { randomBytes } from 'node:crypto';
import { Refusal, requiredText } from '../shims/shim.js';
import { resultAnswer, type Answer } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import { child, childrenOf, element, textOf, typed, type Element } from '../xml/element.js';
import { folderOf, removeTree, type GuestProcess, type SimulatedGuest } from './guest.js';
import { programs, type Ended } from './programs.js';
import { readCommandLine, ShellError } from './shell.js';

/** A file's address that was handed out: good for one request. */
export interface HandedOut {
  readonly guest: SimulatedGuest;
  readonly path: string;
  readonly direction: 'from' | 'to';
  readonly size: number;
}

/** How a call into a guest is answered, after account and state were checked. */
export type Operation = (call: Call, guest: SimulatedGuest, handOut: (file: HandedOut) => string) => Answer;

const fileFault = (type: string, path: string): Refusal =>
  new Refusal({ type, message: `${path}: ${type}`, fields: [element('file', path)] });

/** What a made-up guest can do, by method. */
export const operations: Readonly<Record<string, Operation>> = {
  CreateTemporaryDirectoryInGuest(call, guest) {
    const parent = textOf(call.operation, 'directoryPath') ?? '/tmp';
    if (!guest.folders.has(parent)) throw fileFault('FileNotFound', parent);
    const name = `${requiredText(call.operation, 'prefix')}${randomBytes(4).toString('hex')}${requiredText(call.operation, 'suffix')}`;
    guest.folders.add(`${parent}/${name}`);
    return resultAnswer(call.method, [element('returnval', `${parent}/${name}`)]);
  },
  DeleteDirectoryInGuest(call, guest) {
    const path = requiredText(call.operation, 'directoryPath');
    if (!guest.folders.has(path)) throw fileFault('FileNotFound', path);
    removeTree(guest, path);
    return resultAnswer(call.method);
  },
  InitiateFileTransferFromGuest(call, guest, handOut) {
    const path = requiredText(call.operation, 'guestFilePath');
    const size = guest.files.get(path)?.length;
    if (size === undefined) throw fileFault('FileNotFound', path);
    const content = [
      typed('attributes', 'GuestPosixFileAttributes', [element('ownerId', 0), element('groupId', 0)]),
      element('size', size),
      element('url', handOut({ guest, path, direction: 'from', size })),
    ];
    return resultAnswer(call.method, [element('returnval', content)]);
  },
  InitiateFileTransferToGuest(call, guest, handOut) {
    const path = requiredText(call.operation, 'guestFilePath');
    if (!guest.folders.has(folderOf(path))) throw fileFault('FileNotFound', path);
    if (guest.files.has(path) && textOf(call.operation, 'overwrite') !== 'true')
      throw fileFault('FileAlreadyExists', path);
    const size = Number(requiredText(call.operation, 'fileSize'));
    return resultAnswer(call.method, [element('returnval', handOut({ guest, path, direction: 'to', size }))]);
  },
  StartProgramInGuest(call, guest) {
    const spec = child(call.operation, 'spec') ?? element('spec');
    const process = start(guest, textOf(child(call.operation, 'auth'), 'username') ?? '', spec);
    guest.processes.set(process.pid, process);
    return resultAnswer(call.method, [element('returnval', process.pid)]);
  },
  ListProcessesInGuest(call, guest) {
    const wanted = childrenOf(call.operation, 'pids').map(({ text }) => Number(text));
    const all = wanted.length > 0 ? wanted : [...guest.processes.keys()];
    return resultAnswer(
      call.method,
      all.flatMap((pid) => described(guest.processes.get(pid))),
    );
  },
  TerminateProcessInGuest(call, guest) {
    const pid = requiredText(call.operation, 'pid');
    if (!guest.processes.delete(Number(pid)))
      throw new Refusal({ type: 'GuestProcessNotFound', fields: [element('pid', pid)] });
    return resultAnswer(call.method);
  },
};

function start(guest: SimulatedGuest, owner: string, spec: Element): GuestProcess {
  const path = requiredText(spec, 'programPath');
  const program = Object.hasOwn(programs, path) ? programs[path] : undefined;
  if (!program) throw fileFault('FileNotFound', path);
  const text = requiredText(spec, 'arguments');
  const pid = 1000 + guest.processes.size + 1;
  const about = { pid, owner, path, arguments: text, startTime: new Date().toISOString(), looksLeft: 1 };
  return { ...about, exitCode: run(guest, text, program) };
}

function run(guest: SimulatedGuest, text: string, program: (typeof programs)[string]): number {
  try {
    const { words, input, output, errors } = readCommandLine(text);
    const given = input === undefined || input === '/dev/null' ? Buffer.alloc(0) : guest.files.get(input);
    if (!given) return 1;
    const ended: Ended = program({ guest, args: words, input: given });
    if (output !== undefined) guest.files.set(output, Buffer.from(ended.output ?? ''));
    if (errors !== undefined) guest.files.set(errors, Buffer.from(ended.errors ?? ''));
    return ended.exitCode;
  } catch (error) {
    if (error instanceof ShellError) return 2;
    throw error;
  }
}

/** A process runs for a look, and has ended then. */
function described(process: GuestProcess | undefined): Element[] {
  if (!process) return [];
  const hasEnded = process.looksLeft <= 0;
  process.looksLeft -= 1;
  const end = hasEnded ? [element('endTime', new Date().toISOString()), element('exitCode', process.exitCode)] : [];
  const { path, pid, owner, startTime } = process;
  return [
    element('returnval', [
      element('name', path.slice(path.lastIndexOf('/') + 1)),
      element('pid', pid),
      element('owner', owner),
      element('cmdLine', `"${path}" ${process.arguments}`),
      element('startTime', startTime),
      ...end,
    ]),
  ];
}
