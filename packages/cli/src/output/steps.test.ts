import { mebibytes } from '@virt-drivers/core';
import { PassThrough } from 'node:stream';
import { createOutput } from './output.js';
import { watchSteps } from './steps.js';

async function watched(isTTY: boolean, format: 'table' | 'json'): Promise<string> {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const terminal = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {}, cwd: '/' };
  const watch = await watchSteps(terminal, createOutput(terminal, format));
  const step = { step: 'create root', index: 0, total: 2 };
  await watch.onStep({ ...step, phase: 'starting' });
  const progress = { doneBytes: mebibytes(3), totalBytes: mebibytes(12) };
  watch.onProgress({ step: 'create root', progress });
  await watch.onStep({ ...step, phase: 'done' });
  watch.end();
  return (stderr.read() as Buffer | null)?.toString() ?? '';
}

it('draws a bar on a terminal', async () => {
  const text = await watched(true, 'table');
  expect(text).toMatch(/create root .* 25% 3 MiB of 12 MiB/);
  expect(text).toContain('[1/2] create root (');
});

it('prints plain lines elsewhere', async () => {
  expect(await watched(false, 'table')).toMatch(/^\[1\/2\] create root \(\d+ ms\)\n$/);
});

it('gives programs one JSON object a line', async () => {
  const lines = (await watched(true, 'json')).trim().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { step: 'create root', index: 0, total: 2, phase: 'starting' },
    { step: 'create root', progress: { doneBytes: 3_145_728, totalBytes: 12_582_912 } },
    { step: 'create root', index: 0, total: 2, phase: 'done', milliseconds: expect.any(Number) },
  ]);
});
