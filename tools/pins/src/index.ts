export { addPin, type AddRequest } from './add.js';
export { blockVersions, type BlockRequest } from './block.js';
export { driverPins, entryChannel, pinsIn } from './channel.js';
export { runPins, type PinsTerminal } from './cli/run-pins.js';
export { proveConformance, type Proven, type Targets } from './conformance.js';
export { readProof, type Proof } from './conformance-report.js';
export { explainPackage } from './explain.js';
export { findSuite } from './find-suite.js';
export { npmRegistry } from './npm-registry.js';
export { changePins, emptyPins, parsePins, readPins } from './pins-file.js';
export type { PinsContext } from './pins-context.js';
export type { Block, Evidence, Pin, PinsFile, Provenance, Tier } from './pins-schema.js';
export { exitCodeOf, PinsError, PROBLEMS, type Problem, type ProblemKind } from './problem.js';
export { promotePin } from './promote.js';
export {
  openRegistry,
  type PackageDocument,
  type PublishedVersion,
  type Registry,
  type RegistryOptions,
} from './registry.js';
export { integrityOf, readTarball, type Tarball } from './tarball.js';
export { openCache, type TarballCache } from './tarball-cache.js';
export { upgradePin, type Upgrade, type UpgradeRequest } from './upgrade.js';
export { verifyPins, type Verified } from './verify.js';
