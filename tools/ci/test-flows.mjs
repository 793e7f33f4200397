// `npm run test:flows [-- PATTERN]`: what takes half an hour on a real libvirtd: fifty instances at once, pools that take nothing, every
// change and move of an instance killed after each of its steps, and disks in every format looked at by their guest.
import { run } from '../setup/steps.mjs';

const args = ['--config', 'tools/demo/jest.flows.mjs', ...process.argv.slice(2)];
process.exitCode = run('jest', args, { env: { NODE_OPTIONS: '--experimental-vm-modules' } });
