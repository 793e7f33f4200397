// Which of our packages a driver takes along as tarballs, and which folders are the driver's own.
const ownName = (name) => name.startsWith('@virt-drivers/');
const runtime = ({ dependencies, peerDependencies }) =>
  Object.keys({ ...dependencies, ...peerDependencies }).filter(ownName);
const all = ({ devDependencies, ...rest }) => [...Object.keys(devDependencies ?? {}).filter(ownName), ...runtime(rest)];

/**
 * Everything of ours that a package needs to be installed, built and tested.
 * @param {{manifest: object}[]} projects
 * @param {string} name
 */
export function closureOf(projects, name) {
  const manifestOf = (each) => {
    const found = projects.find(({ manifest }) => manifest.name === each);
    if (!found) throw new Error(`${each} is no package of this workspace; the names are in packages/*/package.json.`);
    return found.manifest;
  };
  const needed = new Set();
  const waiting = all(manifestOf(name));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (needed.has(next) || next === name) continue;
    needed.add(next);
    waiting.push(...runtime(manifestOf(next)));
  }
  return [...needed].sort();
}

/** What goes when a driver goes: its package, and the library, simulator and tools of its platform. */
export function belongingTo(projects, name) {
  const driver = projects.find(({ manifest }) => manifest.name === name && manifest.virtDrivers?.kind === 'driver');
  if (!driver) throw new Error(`${name} is no driver of this workspace.`);
  const { platform } = driver.manifest.virtDrivers;
  return projects.filter(
    ({ manifest }) => manifest === driver.manifest || (platform && manifest.virtDrivers?.platform === platform),
  );
}

/** Who of the rest would not install any more. */
export function danglingUsers(projects, removed) {
  const gone = removed.map(({ manifest }) => manifest.name);
  return projects
    .filter((project) => !removed.includes(project))
    .flatMap(({ manifest }) =>
      all(manifest)
        .filter((name) => gone.includes(name))
        .map((name) => `${manifest.name} depends on ${name}`),
    );
}
