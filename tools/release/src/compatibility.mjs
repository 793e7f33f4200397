// The page that says which driver goes with what: manifests, and what conformance reports prove.

/** A report proves its driver's version when nothing failed and no case was left out. */
const proves = (report, { name, version }) =>
  !report.partial &&
  report.driver.name === name &&
  report.driver.version === version &&
  report.summary.failed === 0 &&
  report.problems.length === 0;

/** `QEMU 7.2.22 (peer, 240 cases)`, one per product, version and tier. */
export function provenVersions(manifest, reports) {
  const texts = reports
    .filter((report) => proves(report, manifest))
    .flatMap(({ environment, tier, summary }) =>
      environment.hosts.map(({ product, version, managementVersion }) => {
        const gaps = summary.gap > 0 ? `, ${summary.gap} known gaps` : '';
        const by = managementVersion ? `, managed by ${managementVersion}` : '';
        return `${product} ${version}${by} (${tier}: ${summary.passed} cases${gaps})`;
      }),
    );
  return [...new Set(texts)].sort();
}

function rowOf(manifest, reports) {
  const proven = provenVersions(manifest, reports);
  const range = manifest.peerDependencies?.['@virt-drivers/core'] ?? 'none';
  const cells = [
    `\`${manifest.name}\``,
    manifest.version,
    manifest.virtDrivers.apiVersion ?? 'none',
    `\`${range.replaceAll('|', '\\|')}\``,
    proven.length > 0 ? proven.join('; ') : 'none',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The page, from manifests and reports of conformance. */
export function compatibilityPage(manifests, reports) {
  const drivers = manifests.filter(({ virtDrivers }) => virtDrivers?.kind === 'driver');
  const core = manifests.find(({ virtDrivers }) => virtDrivers?.kind === 'core');
  return [
    '# Compatibility',
    '',
    '<!-- Made by `node tools/release/compatibility.mjs`; changes by hand are lost. -->',
    '',
    `Of this tree, whose \`${core.name}\` is ${core.version} with contract ${core.virtDrivers.apiVersion}. Proven is a version of a hypervisor only`,
    'where a whole conformance run of exactly this driver version passed on it; the reports are in `docs/support`.',
    '',
    '| driver | version | contract | core | proven on |',
    '| --- | --- | --- | --- | --- |',
    ...drivers.map((manifest) => rowOf(manifest, reports)),
    '',
  ].join('\n');
}
