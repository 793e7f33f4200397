import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const worker = fileURLToPath(new URL('flow-worker.mjs', import.meta.url));
/** No step takes nearly as long, also on a busy machine. */
const LONGEST_MILLISECONDS = 300_000;

/**
 * Runs a flow in a process of its own, which is killed without warning as soon as the fatal step is done.
 * @returns {Promise<string[]>} the steps that it said were done
 */
export async function runFlow(...args) {
  const fatal = args.at(-1);
  const child = spawn(process.execPath, [worker, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MILLISECONDS);
  let problem = '';
  child.stderr.setEncoding('utf8').on('data', (part) => (problem += part));
  const done = [];
  for await (const line of createInterface({ input: child.stdout })) {
    done.push(line);
    if (line === fatal) child.kill('SIGKILL');
  }
  await ended;
  clearTimeout(late);
  if (done.at(-1) !== (fatal || 'ended')) throw new Error(`${args[4]} stopped after "${done.at(-1)}": ${problem}`);
  return done.filter((step) => step !== 'ended');
}
