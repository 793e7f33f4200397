// `node tools/extract/extract.mjs <driver> [test…]`: could this driver leave the repository today? `--keep` leaves the folder. With
// names of tests only these run, which proves no more than that.
import { pathToFileURL } from 'node:url';
import { projects } from '../ci/projects.mjs';
import { must } from '../setup/steps.mjs';
import { closureOf } from './src/closure.mjs';
import { proveAlone } from './src/prove.mjs';
import { standalone } from './src/standalone.mjs';

/** `libvirt`, `driver-libvirt` and the whole name mean the same. */
export function driverName(text = '') {
  const short = text.replace(/^@virt-drivers\//, '').replace(/^driver-/, '');
  if (!/^[a-z][a-z0-9-]*$/.test(short)) throw new Error(`"${text}" is no driver; say for example driver-memory.`);
  return `@virt-drivers/driver-${short}`;
}

/** The proof, on what is built already. */
export function extract(name, { keep = false, quick = false, only = [] } = {}) {
  const alone = standalone(name);
  try {
    console.log(`${name} in ${alone.folder}, with ${alone.needed.join(', ')} as tarballs`);
    const { passed, skipped } = proveAlone(alone, { quick, only });
    const part = only.length > 0 ? `, as far as ${only.join(', ')} can tell` : '';
    console.log(`${name} stands alone${part}: ${passed} tests passed, ${skipped} skipped.`);
    return { passed, skipped };
  } finally {
    if (!keep) alone.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const [first, ...only] = process.argv.slice(2).filter((each) => !each.startsWith('--'));
    const name = driverName(first);
    must('nx', ['run-many', '-t', 'build', '-p', closureOf(projects(), name).join(','), '--outputStyle=static']);
    extract(name, { keep: process.argv.includes('--keep'), only });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
