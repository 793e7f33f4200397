export { driver } from './driver.js';
export type { VmwareMachineExtensions } from './extensions.js';
export type { VmwareDriverOptions } from './options.js';
