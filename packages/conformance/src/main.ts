#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CommandFailure, EXIT } from './cli/fail.js';
import { createProgram } from './cli/program.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

createProgram(print, (code) => (process.exitCode = code))
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      // Help and version end with 0; commander has printed what is wrong otherwise.
      process.exitCode = error.exitCode === 0 ? EXIT.good : EXIT.usage;
      return;
    }
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof CommandFailure ? error.exitCode : EXIT.failed;
  });
