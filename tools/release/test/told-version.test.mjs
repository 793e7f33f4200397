import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicProjects } from '../../ci/projects.mjs';
import { root as workspace } from '../../setup/pnpm.mjs';
import { reportWithVersion, tellVersion, toldVersions, untrueVersions } from '../src/told-version.mjs';

const name = '@virt-drivers/driver-x';
const driver = `export const driver = defineDriver({
  manifest: {
    name: '${name}',
    version: '1.2.3',
    apiVersion: '1.0',
  },
});
// Another: name: '@virt-drivers/driver-y', version: '1.2.3'
`;
const constants = "export const X_VERSION = '1.2.3';\nexport const API_VERSION = '1.0';\n";

describe('the version that code tells', () => {
  const root = mkdtempSync(join(tmpdir(), 'told-'));
  const project = { folder: 'driver-x', manifest: { name, version: '1.2.3' } };
  const read = (file) => readFileSync(join(root, 'driver-x/src', file), 'utf8');
  beforeEach(() => {
    mkdirSync(join(root, 'driver-x/src/deep'), { recursive: true });
    writeFileSync(join(root, 'driver-x/src/driver.ts'), driver);
    writeFileSync(join(root, 'driver-x/src/deep/x-version.ts'), constants);
    writeFileSync(join(root, 'driver-x/src/driver.test.ts'), driver.replace('1.2.3', '9.9.9'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('is found in manifests and constants, not in tests, and not that of an interface', () => {
    expect(toldVersions(root, project)).toHaveLength(2);
    expect(untrueVersions(root, project)).toEqual([]);
    const problems = untrueVersions(root, { ...project, manifest: { name, version: '1.2.4' } });
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain(`driver-x/src/driver.ts says that ${name} is 1.2.3, and its package.json 1.2.4`);
  });

  it('is written there, and nowhere else', () => {
    tellVersion(root, project, '2.0.0');
    expect(read('driver.ts')).toBe(driver.replace("version: '1.2.3',", "version: '2.0.0',"));
    expect(read('deep/x-version.ts')).toBe(constants.replace('1.2.3', '2.0.0'));
    expect(read('driver.test.ts')).toContain('9.9.9');
  });
});

it('of a report only the version of the package itself is replaced', () => {
  const report =
    'readonly version: "1.0.0";\nexport const X_VERSION = "1.0.0";\nreadonly version: "3.0.0";\nname: "1.0.0"';
  expect(reportWithVersion(report, '1.0.0', '2.0.0')).toBe(
    'readonly version: "2.0.0";\nexport const X_VERSION = "2.0.0";\nreadonly version: "3.0.0";\nname: "1.0.0"',
  );
});

it('every driver, core, the suite and the command tell theirs', () => {
  const tells = ['driver', 'core', 'conformance', 'cli'];
  const told = publicProjects().filter(({ manifest }) => tells.includes(manifest.virtDrivers.kind));
  expect(told.length).toBeGreaterThan(4);
  for (const project of told)
    expect(toldVersions(workspace, project)).toEqual([{ file: expect.any(String), version: project.manifest.version }]);
});
