#!/usr/bin/env node
import { runPins } from './cli/run-pins.js';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
const { stdout, stderr, env } = process;
// A reader that went away (`virt-pins list | head`) is no error of ours.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
void runPins(process.argv.slice(2), { stdout, stderr, env, cwd: process.cwd() }, controller.signal).then((code) => {
  process.exitCode = code;
});
