// `npm run test:modular`: the bindings on libvirt's modular daemons, which Debian does not package: they are built from source first,
// ten minutes the first time.
import { run } from '../setup/steps.mjs';

const args = ['--config', 'packages/libvirt/jest.modular.mjs', ...process.argv.slice(2)];
process.exitCode = run('jest', args, { env: { NODE_OPTIONS: '--experimental-vm-modules' } });
