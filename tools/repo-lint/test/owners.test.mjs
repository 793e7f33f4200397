import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { areasIn } from '../../slots/src/areas.mjs';
import { checkOwners } from '../src/owners.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let copy;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'owners-'));
  for (const file of ['.github/CODEOWNERS', ...areasIn(root).map(({ folder }) => `${folder}/package.json`)]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
});
afterEach(() => rmSync(copy, { recursive: true }));

it('finds a driver without owners', () => {
  expect(checkOwners(copy)).toEqual([]);
  mkdirSync(join(copy, 'packages/driver-new'));
  const manifest = { virtDrivers: { kind: 'driver', platform: 'new' } };
  writeFileSync(join(copy, 'packages/driver-new/package.json'), JSON.stringify(manifest));
  expect(checkOwners(copy)).toEqual([expect.stringContaining('owners --write')]);
});
