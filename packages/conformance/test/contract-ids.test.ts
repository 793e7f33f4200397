import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FACETS } from '@virt-drivers/core';
import { CASES } from '../src/cases/index.js';

const CORE = fileURLToPath(new URL('../../core/src/', import.meta.url));

/** Ids that the contract's doc comments name as their proof. */
function idsNamedByCore(): readonly string[] {
  const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(contract|values|driver|errors)\/.*\.ts$/.test(file),
  );
  const text = files.map((file) => readFileSync(join(CORE, file), 'utf8')).join('\n');
  const groups = new Set(CASES.map(({ id }) => id.split('/')[0]));
  const named = [...text.matchAll(/`([a-zA-Z]+)\/([a-z0-9-]+)`/g)].filter(([, group]) => groups.has(group as string));
  return [...new Set(named.map(([, group, name]) => `${group}/${name}`))].sort();
}

describe('ids', () => {
  it('prove every promise for which the contract names a case', () => {
    const known = new Set(CASES.map(({ id }) => id));
    const named = idsNamedByCore();
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it('are unique and well formed', () => {
    const ids = CASES.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(ids.filter((id) => !/^[a-zA-Z]+\/[a-z0-9-]+$/.test(id))).toEqual([]);
  });

  it('cover every facet', () => {
    const groups = new Set(CASES.map(({ id }) => id.split('/')[0]));
    expect(FACETS.filter((facet) => !groups.has(facet))).toEqual([]);
  });

  it('come with a title that is one sentence, and a deadline', () => {
    expect(CASES.filter(({ title }) => !/^[A-Z].*\.$/.test(title)).map(({ id }) => id)).toEqual([]);
    expect(CASES.filter(({ deadlineSeconds }) => deadlineSeconds <= 0 || deadlineSeconds > 300)).toEqual([]);
  });
});
