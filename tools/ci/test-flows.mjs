// `npm run test:flows [-- PATTERN]`: what takes an hour on a real libvirtd: fifty instances at once, pools that take nothing, every
// change and move of an instance killed after each of its steps, disks that go from every backend to every other, and resizes that
// their guest looks at.
import { run } from '../setup/steps.mjs';

const args = ['--config', 'tools/demo/jest.flows.mjs', ...process.argv.slice(2)];
process.exitCode = run('jest', args, { env: { NODE_OPTIONS: '--experimental-vm-modules' } });
