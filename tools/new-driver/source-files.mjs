// The sources that a driver starts with: a manifest that claims nothing, and an open that says so.
const capabilities = `import type { Capabilities } from '@virt-drivers/core';

/** What this driver can do. The one literal: the conformance suite asks for exactly what stands here. */
export const capabilities = {
  hosts: {},
  machines: {},
  power: {},
  volumes: {},
  disks: {},
  nics: {},
  events: {},
} as const satisfies Capabilities;
`;

const manifest = (platform) => `import type { Manifest } from '@virt-drivers/core';
import { capabilities } from './capabilities.js';

export const manifest = {
  name: '@virt-drivers/driver-${platform}',
  version: '0.0.0',
  apiVersion: '1.0',
  title: '${platform}',
  targets: [{ pattern: '${platform}://<host>', example: '${platform}://host.example', meaning: 'One host.' }],
  capabilities,
} as const satisfies Manifest;
`;

const driver = (platform) => `import { defineDriver, DriverError, type Session } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { manifest } from './manifest.js';

/** The driver for ${platform}. */
export const driver = defineDriver({
  manifest,
  async open({ target }): Promise<Session<typeof capabilities>> {
    throw new DriverError('HOST.UNREACHABLE', \`Target \${target} cannot be opened: this driver has no facets yet.\`);
  },
});
`;

const test = (platform) => `import { isDriverError } from '@virt-drivers/core';
import { driver } from '../src/index.js';

describe('driver-${platform}', () => {
  it('has a manifest that core accepts', () => {
    expect(driver.manifest.name).toBe('@virt-drivers/driver-${platform}');
  });

  it('says that it cannot open anything yet', async () => {
    const error: unknown = await driver.open({ target: '${platform}://host.example' }).catch((reason: unknown) => reason);
    expect(isDriverError(error, 'HOST.UNREACHABLE')).toBe(true);
  });
});
`;

/** Path → text. */
export function sourceFiles(platform) {
  return {
    'src/index.ts': "export { driver } from './driver.js';\n",
    'src/capabilities.ts': capabilities,
    'src/manifest.ts': manifest(platform),
    'src/driver.ts': driver(platform),
    'test/opening.test.ts': test(platform),
  };
}
