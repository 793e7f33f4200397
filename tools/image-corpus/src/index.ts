export { collect, inPieces } from './collect.js';
export { HOSTILE_IMAGES, type HostileImage } from './hostile-images.js';
export { HOSTILE_OVAS, manifest, soundDisk, soundOva } from './hostile-ovas.js';
export {
  iso,
  luks,
  padded,
  parallels,
  qed,
  vdi,
  vhdDynamic,
  vhdFixed,
  vhdx,
  vmdkSparse,
  type VhdxLies,
} from './other-builders.js';
export { ovf, type DiskLies, type OvfLies } from './ovf-builder.js';
export { extension, qcow2, type Qcow2Lies } from './qcow2-builder.js';
export { describeWithTools, findTool } from './required-tool.js';
export { record, tar, tarEntry, type TarEntry } from './tar-builder.js';
