#!/usr/bin/env node
import { runPins } from './cli/run-pins.js';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
const { stdout, stderr, env } = process;
void runPins(process.argv.slice(2), { stdout, stderr, env, cwd: process.cwd() }, controller.signal).then((code) => {
  process.exitCode = code;
});
