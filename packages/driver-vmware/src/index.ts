export { driver } from './driver.js';
export type { VmwareMachineExtensions, VmwareVolumeExtensions } from './extensions.js';
export type { VmwareDriverOptions } from './options.js';
