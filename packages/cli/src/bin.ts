#!/usr/bin/env node
import { main } from './main.js';
import { processTerminal } from './terminal.js';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends us at once: `once` gives the signal its default back.
  process.once(signal, () => controller.abort());
}
// A reader that went away (`virt list | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
void main(process.argv.slice(2), processTerminal(), controller.signal).then((code) => {
  process.exitCode = code;
});
