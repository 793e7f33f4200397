// `npm run test:storage [-- --project <name>]`: tests of storage that take a Ceph cluster, or a machine whose kernel has a device
// mapper, one suite after the other: the jest.storage.mjs of every project, or of that one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { run } from '../setup/steps.mjs';
import { projects } from './projects.mjs';

const configurationOf = ({ folder }) => join(folder, 'jest.storage.mjs');
const withStorage = projects().filter((project) => existsSync(join(root, configurationOf(project))));

const at = process.argv.indexOf('--project');
const suites = withStorage.filter(({ manifest }) => at < 0 || manifest.name === process.argv[at + 1]);
if (suites.length === 0)
  console.log(`${process.argv[at + 1]} has no tests of storage that take a cluster or a machine.`);
const env = { NODE_OPTIONS: '--experimental-vm-modules' };
const codes = suites.map((project) => run('jest', ['--config', configurationOf(project), '--runInBand'], { env }));
process.exitCode = codes.find((code) => code !== 0) ?? 0;
