import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commitAll, git } from '../../ci/scratch.mjs';
import { publicProjects } from '../../ci/projects.mjs';
import { root } from '../../setup/pnpm.mjs';
import { commitOf } from '../../ci/git-answer.mjs';
import { releaseTag, textAt } from '../src/base.mjs';
import { lastRelease, lastVersion, missingReleases, recordedReleases, tagsIn } from '../src/releases.mjs';

const name = '@virt-drivers/driver-x';

describe('the last version', () => {
  const tags = [`${name}@0.1.0`, `${name}@0.10.0`, `${name}@0.9.0`, `${name}@1.0.0-rc.1`, `${name}y@9.0.0`, 'v3'];

  it('is the highest of tags and list, no prerelease, and nobody else’s', () => {
    expect(lastVersion(name, tags, {})).toBe('0.10.0');
    expect(lastVersion(name, tags, { [name]: { '0.11.0': 'c' } })).toBe('0.11.0');
    expect(lastVersion(name, [], { [name]: { '0.1.0': 'c' } })).toBe('0.1.0');
    expect(lastVersion(name, ['v1'], {})).toBeUndefined();
  });
});

describe('the last release', () => {
  const work = mkdtempSync(join(tmpdir(), 'releases-'));
  const whole = join(work, 'whole');
  let first;
  let second;
  beforeAll(() => {
    git(work, 'init', '-q', '-b', 'main', whole);
    writeFileSync(join(whole, 'a'), '1');
    first = commitAll(whole, 'one');
    appendFileSync(join(whole, 'a'), '2');
    second = commitAll(whole, 'two');
  });
  afterAll(() => rmSync(work, { recursive: true }));

  it('comes from the tag, else from the list', () => {
    const recorded = { [name]: { '0.1.0': first } };
    expect(lastRelease(whole, name, { recorded })).toEqual({ tag: `${name}@0.1.0`, version: '0.1.0', commit: first });
    git(whole, 'tag', `${name}@0.2.0`, second);
    expect(lastRelease(whole, name, { recorded })).toMatchObject({ version: '0.2.0', commit: second });
    expect(lastRelease(whole, `${name}y`, { recorded })).toBeUndefined();
  });

  it('of a shallow clone is missing, with what to do', () => {
    const shallow = join(work, 'shallow');
    git(work, 'clone', '-q', '--depth=1', '--no-tags', pathToFileURL(whole).href, shallow);
    const release = lastRelease(shallow, name, { recorded: { [name]: { '0.1.0': first } } });
    expect(release.commit).toBeUndefined();
    expect(release.missing).toBe(
      `${name}@0.1.0 was released from ${first}, which is not in this clone; this clone is shallow: git fetch --unshallow --tags`,
    );
  });
});

describe('the list of this repository', () => {
  const recorded = Object.entries(recordedReleases()).flatMap(([each, versions]) =>
    Object.entries(versions).map(([version, commit]) => ({ name: each, version, commit })),
  );

  it('has every package that is complete: what is to be compared with nothing is 0.0.0', () => {
    const without = publicProjects()
      .filter(({ folder, manifest }) => manifest.version !== '0.0.0' && !existsSync(join(root, folder, 'CHANGELOG.md')))
      .filter(({ manifest }) => lastRelease(root, manifest.name) === undefined);
    expect(without.map(({ manifest }) => `${manifest.name}@${manifest.version}`)).toEqual([]);
  });

  it('names commits that have these versions, and says what tags say; what a shallow clone lacks it says how to get', () => {
    for (const what of missingReleases(root, Object.keys(recordedReleases())))
      expect(what).toContain('this clone is shallow: git fetch --unshallow');
    const folders = new Map(publicProjects().map(({ folder, manifest }) => [manifest.name, folder]));
    // A package that left may be anywhere in the tree of then.
    const known = recorded.filter((one) => folders.has(one.name) && commitOf(root, one.commit));
    for (const { name: each, version, commit } of known) {
      const manifest = textAt(root, commit, `${folders.get(each)}/package.json`);
      expect({ each, ...JSON.parse(manifest) }).toMatchObject({ each, name: each, version });
      const tag = releaseTag({ name: each, version });
      if (tagsIn(root).includes(tag)) expect([tag, commitOf(root, `refs/tags/${tag}`)]).toEqual([tag, commit]);
    }
  });
});
