import type { Task, TaskProgress } from '@virt-drivers/core';
import type { Terminal } from '../terminal.js';
import { humanBytes } from './human.js';

const amount = ({ doneBytes, totalBytes }: TaskProgress): string =>
  doneBytes === undefined
    ? ''
    : totalBytes === undefined
      ? humanBytes(doneBytes)
      : `${humanBytes(doneBytes)} of ${humanBytes(totalBytes)}`;

const fractionOf = ({ fraction, doneBytes, totalBytes }: TaskProgress): number | undefined =>
  fraction ?? (doneBytes !== undefined && totalBytes ? Number(doneBytes) / Number(totalBytes) : undefined);

async function drawBar<T>(terminal: Terminal, title: string, task: Task<T>): Promise<void> {
  // Loaded here because only long work on a terminal needs it.
  const { default: progress } = await import('cli-progress');
  const format = `${title} {bar} {percentage}% {amount}`;
  const bar = new progress.SingleBar({
    format,
    stream: terminal.stderr as NodeJS.WriteStream,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(100, 0, { amount: '' });
  try {
    for await (const step of task.progress())
      bar.update(Math.round((fractionOf(step) ?? 0) * 100), { amount: amount(step) });
  } finally {
    bar.stop();
  }
}

async function printSteps<T>(terminal: Terminal, title: string, task: Task<T>): Promise<void> {
  let shown = -1;
  for await (const step of task.progress()) {
    const tenth = Math.floor((fractionOf(step) ?? 0) * 10);
    if (tenth <= shown) continue;
    shown = tenth;
    terminal.stderr.write(`${title}: ${tenth * 10} % ${amount(step)}`.trimEnd() + '\n');
  }
}

/** Shows a task's progress until it ends, and gives its result. */
export async function showProgress<T>(terminal: Terminal, title: string, task: Task<T>): Promise<T> {
  const shown = (terminal.stderr.isTTY ? drawBar : printSteps)(terminal, title, task);
  const [, result] = await Promise.all([shown, task.result()]);
  return result;
}
