import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { areasIn, codeowners, labelsFor } from '../src/areas.mjs';
import { assign } from '../src/assign.mjs';
import { openGitHub, waiting } from '../src/github.mjs';
import { labelChanges } from '../src/label-changes.mjs';
import { policyProblems, readPolicy } from '../src/policy.mjs';
import { entriesOf } from '../src/queue.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const areas = [
  { folder: 'packages/core', kind: 'core' },
  { folder: 'packages/driver-x', kind: 'driver', platform: 'x' },
  { folder: 'packages/x', kind: 'library', platform: 'x' },
  { folder: 'tools/ci', kind: 'tool' },
];
const policy = { slots: 2, debtSlots: 1, seriesLimit: 10, patienceDays: 5, ranking: ['#3'] };
const now = new Date('2026-02-01T00:00:00Z');
const pull = (number, change = {}) => ({
  number,
  draft: false,
  labels: ['ready'],
  createdAt: `2026-01-${String(number).padStart(2, '0')}T00:00:00Z`,
  files: [],
  ...change,
});
const changesOf = (pulls) => labelChanges(pulls, assign(entriesOf(pulls), policy, now), areas);

it('labels a change by its paths, once for driver and library', () => {
  expect(
    labelsFor(['packages/driver-x/src/a.ts', 'packages/x/src/b.ts', 'docs/a.md', 'tools/ci/a.mjs'], areas),
  ).toEqual(['driver:x']);
  expect(labelsFor(['packages/core/src/a.ts', 'packages/driver-xy/a.ts'], areas)).toEqual(['core']);
});

it('says by labels who is reviewed, who waits, and what is too long', () => {
  const long = Array.from({ length: 11 }, (_, index) => pull(10 + index, { labels: ['ready', 'series:long'] }));
  const pulls = [
    pull(1),
    pull(2, { labels: ['ready', 'debt'] }),
    pull(3),
    pull(4, { draft: true }),
    pull(5, { labels: ['ready', 'no-slot'] }),
    ...long,
  ];
  const changes = Object.fromEntries(
    changesOf(pulls).map(({ number, add, remove }) => [number, [...add, ...remove.map((label) => `-${label}`)]]),
  );
  expect(changes).toMatchObject({
    1: ['queued'],
    2: ['slot'],
    3: ['slot'],
    10: ['series-too-long'],
    20: ['series-too-long'],
  });
  expect(changes).not.toHaveProperty('4');
  expect(changes).not.toHaveProperty('5');
});

it('bumps who does not answer, keeps saying so, and forgets it when they are back', () => {
  const gone = { waitingForAuthorSince: '2026-01-20T00:00:00Z' };
  expect(changesOf([pull(1, { labels: ['ready', 'slot', 'x'], ...gone })])).toEqual([
    { number: 1, add: ['bumped'], remove: ['slot'] },
  ]);
  expect(changesOf([pull(1, { labels: ['ready', 'bumped'], ...gone })])).toEqual([]);
  expect(changesOf([pull(1, { labels: ['ready', 'bumped'] })])).toEqual([
    { number: 1, add: ['slot'], remove: ['bumped'] },
  ]);
});

it('knows who owes an answer', () => {
  const asked = { state: 'CHANGES_REQUESTED', submitted_at: '2026-01-10' };
  const push = (date) => ({ commit: { committer: { date } } });
  expect(waiting([asked], [push('2026-01-09')])).toEqual({ waitingForAuthorSince: '2026-01-10' });
  expect(waiting([asked], [push('2026-01-11')])).toEqual({});
  expect(waiting([asked, { state: 'APPROVED', submitted_at: '2026-01-12' }], [push('2026-01-09')])).toEqual({});
  expect(waiting([], [])).toEqual({});
});

it('has a policy and owners that fit this repository', () => {
  expect(readPolicy(`${root}.github/slots.json`)).toMatchObject({ slots: 10, seriesLimit: 10 });
  expect(policyProblems({ ...policy, debtSlots: 2, ranking: ['a', 'a'] })).toEqual([
    'debtSlots (2) leaves no slot for features',
    'a is ranked twice',
  ]);
  const owners = codeowners(areasIn(root));
  expect(readFileSync(`${root}.github/CODEOWNERS`, 'utf8')).toBe(owners);
  expect(owners).toMatch(/^\/packages\/core\/ +@virt-drivers\/maintainers$/m);
  expect(owners).toMatch(/^\/packages\/driver-libvirt\/ +@virt-drivers\/libvirt$/m);
});

describe('on GitHub', () => {
  let server;
  const asked = [];
  const many = Array.from({ length: 101 }, (_, index) => ({ filename: `packages/x/${index}.ts` }));
  const answers = {
    'GET /repos/a/b/pulls?state=open&per_page=100&page=1': [
      { number: 7, draft: false, labels: [{ name: 'ready' }, { name: 'queued' }], created_at: '2026-01-01T00:00:00Z' },
    ],
    'GET /repos/a/b/pulls/7/files?per_page=100&page=1': many.slice(0, 100),
    'GET /repos/a/b/pulls/7/files?per_page=100&page=2': many.slice(100),
    'GET /repos/a/b/pulls/7/reviews?per_page=100&page=1': [],
    'GET /repos/a/b/pulls/7/commits?per_page=100&page=1': [],
    'POST /repos/a/b/issues/7/labels': [],
  };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const key = `${request.method} ${request.url}`;
      asked.push(`${key} ${request.headers.authorization}`);
      const answer = answers[key];
      response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  it('reads every page and writes only what changes', async () => {
    const github = openGitHub({ api: `http://127.0.0.1:${server.address().port}`, repository: 'a/b', token: 't' });
    const pulls = await github.pulls();
    expect(pulls).toMatchObject([{ number: 7, labels: ['ready', 'queued'] }]);
    expect(pulls[0].files).toHaveLength(101);
    for (const change of changesOf(pulls)) await github.apply(change);
    expect(asked.slice(-2)).toEqual([
      'POST /repos/a/b/issues/7/labels Bearer t',
      'DELETE /repos/a/b/issues/7/labels/queued Bearer t',
    ]);
    await expect(
      openGitHub({ api: `http://127.0.0.1:${server.address().port}`, repository: 'a/c', token: 't' }).pulls(),
    ).rejects.toThrow('404');
  });
});
