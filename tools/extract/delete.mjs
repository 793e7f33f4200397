// `node tools/extract/delete.mjs <driver>`: does anything notice when this driver is gone? `--quick`: types and manifests only.
import { projects } from '../ci/projects.mjs';
import { driverName } from './extract.mjs';
import { buildRest, typecheckRest, workspaceWithout } from './src/without.mjs';

const isTestDouble = (name) =>
  projects().some(({ manifest }) => manifest.name === name && manifest.virtDrivers?.platform === 'memory');

try {
  const [first] = process.argv.slice(2).filter((each) => !each.startsWith('--'));
  const name = driverName(first);
  if (isTestDouble(name)) {
    console.log(`${name} is what compute and the suite are tested on: it goes with them, not alone.`);
    process.exit(0);
  }
  const quick = process.argv.includes('--quick');
  const rest = workspaceWithout(name, { linked: quick });
  try {
    console.log(`without ${rest.removed.join(', ')}`);
    if (quick) typecheckRest(rest);
    else buildRest(rest);
    console.log(`The rest does not need ${name}.`);
  } finally {
    rest.close();
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
