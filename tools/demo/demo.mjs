// `npm run demo`: prepares the clone, then uses a guest through the whole stack and removes it again.
import { prepare } from '../setup/setup.mjs';

const started = performance.now();
const gaps = await prepare({ tool: 'demo' });
if (gaps.some(({ broken }) => broken)) process.exit(1);
// Only now: what the run imports is what `prepare` has installed and built.
const { runDemo } = await import('./run-demo.mjs');
process.exitCode = await runDemo({ gaps, preparedIn: performance.now() - started });
