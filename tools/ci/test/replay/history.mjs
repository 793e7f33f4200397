// Commits in the proportions of Nova's virt layer in 2014: of 1,151 commits 76 % touched exactly one driver.
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const drivers = { libvirt: 427, vmware: 263, xen: 112, hyperv: 76 };
const kinds = { driver: 76, core: 20, several: 4 };
// What is common to all drivers there is mostly the contract here.
const commons = { core: 6, compute: 1, conformance: 1 };

export const platforms = Object.keys(drivers);

/** The same numbers each time: a failure can be looked at again. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick(weights, next) {
  const entries = Object.entries(weights);
  let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  return entries.find(([, weight]) => (left -= weight) < 0)[0];
}

/** Exactly `count` kinds in these proportions, shuffled. */
function kindsOf(count, next) {
  const total = Object.values(kinds).reduce((sum, weight) => sum + weight, 0);
  const all = Object.entries(kinds).flatMap(([kind, weight]) => Array(Math.round((count * weight) / total)).fill(kind));
  return all
    .map((kind) => [next(), kind])
    .sort(([a], [b]) => a - b)
    .map(([, kind]) => kind);
}

/** A driver's own package, or every fourth time the protocol library that is as much its own. */
function packageOf(folder, platform, next) {
  const library = join('packages', platform);
  return existsSync(join(folder, library)) && next() < 0.25 ? library : join('packages', `driver-${platform}`);
}

function packagesOf(folder, kind, next) {
  if (kind === 'core') return [join('packages', pick(commons, next))];
  const first = pick(drivers, next);
  if (kind === 'driver') return [packageOf(folder, first, next)];
  const { [first]: _, ...others } = drivers;
  return [first, pick(others, next)].map((platform) => packageOf(folder, platform, next));
}

function touch(folder, project, text, next) {
  const sources = readdirSync(join(folder, project, 'src')).filter((file) => file.endsWith('.ts'));
  const path = join(project, 'src', sources[Math.floor(next() * sources.length)]);
  appendFileSync(join(folder, path), `// ${text}\n`);
}

/** Makes the changes one after the other; `commit` is called after each with its kind, and its answers are returned. */
export function playHistory(folder, { count, seed = 2014, commit }) {
  const next = random(seed);
  return kindsOf(count, next).map((kind, index) => {
    for (const project of packagesOf(folder, kind, next)) touch(folder, project, `change ${index}`, next);
    return commit(kind, index);
  });
}
