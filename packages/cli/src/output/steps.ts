import type { FlowOptions } from '@virt-drivers/compute';
import type { TaskProgress } from '@virt-drivers/core';
import type { Terminal } from '../terminal.js';
import { humanBytes, humanMilliseconds } from './human.js';
import type { Output } from './output.js';
import { plain } from './plain.js';

type OnStep = NonNullable<FlowOptions['onStep']>;
type OnProgress = NonNullable<FlowOptions['onProgress']>;

/** Shows the steps of a flow: one line each; on a terminal long ones with a bar while they last. */
export interface StepWatch {
  readonly onStep: OnStep;
  readonly onProgress: OnProgress;
  /** Leaves the terminal as it was. */
  end(): void;
}

interface Bar {
  show(title: string, progress: TaskProgress): void;
  clear(): void;
}

const NO_BAR: Bar = { show: () => undefined, clear: () => undefined };

async function createBar({ stderr }: Terminal): Promise<Bar> {
  // Loaded here because only flows on a terminal need it.
  const { default: progress } = await import('cli-progress');
  const options = {
    format: '{title} {bar} {percentage}% {done}',
    stream: stderr,
    hideCursor: true,
    clearOnComplete: true,
  };
  let bar: InstanceType<typeof progress.SingleBar> | undefined;
  return {
    show(title, { doneBytes, totalBytes }) {
      if (doneBytes === undefined || totalBytes === undefined) return;
      const payload = { title, done: `${humanBytes(doneBytes)} of ${humanBytes(totalBytes)}` };
      const percent = totalBytes === 0n ? 100 : Number((doneBytes * 100n) / totalBytes);
      if (bar) bar.update(percent, payload);
      else (bar = new progress.SingleBar(options)).start(100, percent, payload);
    },
    clear() {
      bar?.stop();
      bar = undefined;
    },
  };
}

const lineOf = (began: number, { step, index, total, phase }: Parameters<OnStep>[0]): string | undefined => {
  if (phase === 'done') return `[${index + 1}/${total}] ${step} (${humanMilliseconds(performance.now() - began)})`;
  if (phase === 'undone') return `undone: ${step}`;
  return phase === 'left' ? `could not be undone: ${step}` : undefined;
};

/** For programs: one JSON object a line. */
function jsonSteps({ stderr }: Terminal): StepWatch {
  const say = (data: object): void => void stderr.write(`${JSON.stringify(plain(data))}\n`);
  let began = performance.now();
  return {
    onStep(event) {
      if (event.phase === 'starting') began = performance.now();
      say({ ...event, ...(event.phase === 'done' && { milliseconds: Math.round(performance.now() - began) }) });
    },
    onProgress: say,
    end: () => undefined,
  };
}

/** Steps on standard error: lines and bars for people, JSON lines when the output is for programs. */
export async function watchSteps(terminal: Terminal, { format }: Output): Promise<StepWatch> {
  if (format === 'json') return jsonSteps(terminal);
  const bar = terminal.stderr.isTTY === true ? await createBar(terminal) : NO_BAR;
  let began = performance.now();
  return {
    onStep(event) {
      if (event.phase === 'starting') began = performance.now();
      const line = lineOf(began, event);
      if (line === undefined) return;
      bar.clear();
      terminal.stderr.write(`${line}\n`);
    },
    onProgress: ({ step, progress }) => bar.show(step, progress),
    end: () => bar.clear(),
  };
}
