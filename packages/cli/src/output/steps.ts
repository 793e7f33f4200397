import type { FlowOptions } from '@virt-drivers/compute';
import type { Terminal } from '../terminal.js';
import { humanBytes, humanMilliseconds } from './human.js';
import type { Output } from './output.js';

type OnStep = NonNullable<FlowOptions['onStep']>;
type OnProgress = NonNullable<FlowOptions['onProgress']>;

/** Shows the steps of a flow: one line each; on a terminal the present one with its progress in place. */
export interface StepWatch {
  readonly onStep: OnStep;
  readonly onProgress: OnProgress;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** Steps on standard error; silent when the output is for programs. */
export function watchSteps({ stderr }: Terminal, { format }: Output): StepWatch {
  const live = stderr.isTTY === true;
  let began = performance.now();
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) stderr.write('\r\u001b[K');
    drawn = 0;
  };
  const say = (text: string): void => {
    clear();
    stderr.write(`${text}\n`);
  };
  if (format === 'json') return { onStep: () => undefined, onProgress: () => undefined, end: () => undefined };
  return {
    onStep: ({ step, index, total, phase }) => {
      if (phase === 'starting') began = performance.now();
      else if (phase === 'done')
        say(`[${index + 1}/${total}] ${step} (${humanMilliseconds(performance.now() - began)})`);
      else if (phase === 'undone') say(`undone: ${step}`);
      else if (phase === 'left') say(`could not be undone: ${step}`);
    },
    onProgress: ({ step, progress: { doneBytes, totalBytes } }) => {
      if (!live || doneBytes === undefined) return;
      const text = `${step}: ${humanBytes(doneBytes)}${totalBytes === undefined ? '' : ` of ${humanBytes(totalBytes)}`}`;
      clear();
      stderr.write(text);
      drawn = text.length;
    },
    end: clear,
  };
}
