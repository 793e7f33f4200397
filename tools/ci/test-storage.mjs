// Tests of storage that take a Ceph cluster, or a machine whose kernel has a device mapper: one suite after the other.
import { run } from '../setup/steps.mjs';

const configurations = ['tools/peers/jest.storage.mjs', 'packages/driver-libvirt/jest.storage.mjs'];
const env = { NODE_OPTIONS: '--experimental-vm-modules' };

const codes = configurations.map((config) => run('jest', ['--config', config, '--runInBand'], { env }));
process.exitCode = codes.find((code) => code !== 0) ?? 0;
