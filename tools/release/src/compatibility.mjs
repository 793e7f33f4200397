// The page that says which driver goes with what: manifests, and the runs that the support matrix was made from.

const run =
  /^\| ([a-z][a-z0-9-]*) \| (\S+) \| (memory|peer|live) \| ([^|]+?) \| (\d+) passed, (\d+) failed, (\d+) known gaps/;

/** The runs at the top of docs/support-matrix.md. */
export function runsOf(matrix) {
  return matrix.split('\n').flatMap((line) => {
    const [, driver, version, tier, hypervisor, passed, failed, gaps] = run.exec(line) ?? [];
    if (driver === undefined) return [];
    return [{ driver, version, tier, hypervisor, passed: Number(passed), failed: Number(failed), gaps: Number(gaps) }];
  });
}

/** `QEMU 7.2.22 (peer: 218 cases)`: what a run of exactly this version of the driver proved, without a failure. */
export function provenVersions({ name, version }, runs) {
  const texts = runs
    .filter((each) => name === `@virt-drivers/driver-${each.driver}` && each.version === version && each.failed === 0)
    .map(({ hypervisor, tier, passed, gaps }) => {
      const products = [...new Set(hypervisor.split(', '))].join(', ');
      return `${products} (${tier}: ${passed} cases${gaps > 0 ? `, known gaps: ${gaps}` : ''})`;
    });
  return [...new Set(texts)].sort();
}

function rowOf(manifest, runs) {
  const proven = provenVersions(manifest, runs);
  const range = manifest.peerDependencies?.['@virt-drivers/core'] ?? 'none';
  const cells = [
    `\`${manifest.name}\``,
    manifest.version,
    manifest.virtDrivers.apiVersion ?? 'none',
    `\`${range.replaceAll('|', '\\|')}\``,
    proven.length > 0 ? proven.join('; ') : 'nothing',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The page, from manifests and the text of the support matrix. */
export function compatibilityPage(manifests, matrix) {
  const drivers = manifests.filter(({ virtDrivers }) => virtDrivers?.kind === 'driver');
  const core = manifests.find(({ virtDrivers }) => virtDrivers?.kind === 'core');
  return [
    '# Compatibility',
    '',
    '<!-- Made by `node tools/release/compatibility.mjs`; changes by hand are lost. -->',
    '',
    `Of this tree, whose \`${core.name}\` is ${core.version} with contract ${core.virtDrivers.apiVersion}. A version of a hypervisor is proven where a`,
    'conformance run of exactly this driver version passed on it; `memory` are simulated machines. What each proves is in the',
    '[support matrix](support-matrix.md).',
    '',
    '| driver | version | contract | core | proven on |',
    '| --- | --- | --- | --- | --- |',
    ...drivers.map((manifest) => rowOf(manifest, runsOf(matrix))),
    '',
  ].join('\n');
}
