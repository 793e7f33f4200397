// Where a driver is proven: at what its package names in conformance.config.json, or at the peer that its
// test/conformance-peer.mjs starts.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder, projects } from '../../ci/projects.mjs';
import { root } from '../../setup/pnpm.mjs';

const settings = 'conformance.config.json';
const peer = join('test', 'conformance-peer.mjs');

/** Whether a driver is proven at what its package names, without a peer. */
export const needsNoPeer = ({ folder }) => existsSync(resolve(root, folder, settings));

/** What of this workspace has to be built before these drivers' peers can be started. */
export const buildsForPeers = (names, all = projects()) =>
  all
    .filter(({ manifest }) => names.includes(manifest.name))
    .flatMap(({ manifest }) => Object.keys(manifest.devDependencies ?? {}))
    .filter((each, index, list) => list.indexOf(each) === index)
    .filter((each) => all.some(({ manifest }) => manifest.name === each));

// The peer is this tree's, also for an old release: what it starts was made for testing, and is not released.
async function startPeerOf({ folder, manifest }) {
  const file = join(projectFolder(manifest.name), peer);
  if (!existsSync(file)) throw new Error(`${manifest.name} has neither a ${settings} nor a ${peer}.`);
  const { startConformancePeer } = await import(pathToFileURL(file).href);
  return startConformancePeer({ old: resolve(root, folder) !== projectFolder(manifest.name) });
}

/**
 * Arguments of the suite for a driver, by the settings in its folder; `stop` ends what was started. Rejects when no peer can be
 * started here.
 * @param {{folder: string, manifest: object}} driver `folder`: its package, or where the settings of an old release are
 */
export async function endpointFor(driver) {
  const path = (...names) => resolve(root, driver.folder, ...names);
  const known = path('test', 'known-gaps.json');
  const gaps = existsSync(known) ? ['--known-gaps', known] : [];
  if (existsSync(path(settings))) {
    const { target, tier } = JSON.parse(readFileSync(path(settings), 'utf8'));
    return { args: ['--target', target, '--tier', tier, ...gaps], stop: async () => undefined };
  }
  const { args, stop } = await startPeerOf(driver);
  return { args: [...args, ...gaps], stop };
}
