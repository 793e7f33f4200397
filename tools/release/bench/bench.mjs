// `virt-pins verify` without conformance, as a process, against a registry on this machine: core, the suite and every driver.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '@virt-drivers/registry';
import { pack } from '../../ci/pack.mjs';
import { publicProjects } from '../../ci/projects.mjs';
import { root } from '../../setup/pnpm.mjs';

const LIMIT_SECONDS = 3;
const RUNS = 5;
const command = join(root, 'tools', 'pins', 'dist', 'bin.js');
const kinds = ['core', 'conformance', 'driver'];

const work = mkdtempSync(join(tmpdir(), 'pins-bench-'));
const registry = await startRegistry();
try {
  const common = ['--file', join(work, 'pins.json'), '--registry', registry.url, '--cache', join(work, 'cache')];
  const pins = (...args) => [command, ...common, '--by', 'bench', ...args];
  const pinned = publicProjects()
    .filter(({ manifest }) => kinds.includes(manifest.virtDrivers?.kind))
    .sort((a, b) => kinds.indexOf(a.manifest.virtDrivers.kind) - kinds.indexOf(b.manifest.virtDrivers.kind));
  for (const { folder, manifest } of pinned) {
    await registry.publish(
      pack(join(root, folder), join(work, `${manifest.virtDrivers.kind}-${manifest.version}.tgz`)),
    );
    execFileSync(process.execPath, pins('add', `${manifest.name}@${manifest.version}`), { stdio: 'ignore' });
  }
  const times = Array.from({ length: RUNS }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, pins('verify', '--no-conformance'), { encoding: 'utf8' });
    if (status !== 0) throw new Error(`virt-pins verify ended with ${status}: ${stderr.trim()}`);
    return (performance.now() - started) / 1000;
  });
  const median = times.sort((a, b) => a - b)[Math.floor(RUNS / 2)];
  const met = median <= LIMIT_SECONDS;
  console.log(
    `virt-pins verify of ${pinned.length} pins: ${median.toFixed(2)} s (median of ${RUNS}), budget ${LIMIT_SECONDS} s: ${met ? 'met' : 'MISSED'}`,
  );
  if (!met) process.exitCode = 1;
} finally {
  await registry.stop();
  rmSync(work, { recursive: true, force: true });
}
