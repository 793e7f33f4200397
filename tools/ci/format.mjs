// One layout for every source: `--write` applies it, without it the difference is an error. Generated files are exempt.
import { run } from '../setup/steps.mjs';

const sources = ['**/*.{ts,mjs,cjs}', '!**/*.gen.ts', '!**/{dist,temp,node_modules,.nx,.tools,.nodes}/**'];
const mode = process.argv.includes('--write') ? '--write' : '--check';

process.exitCode = run('prettier', [mode, '--log-level=warn', '--cache', ...sources]);
