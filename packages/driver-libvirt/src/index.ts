export { driver } from './driver.js';
export type { LibvirtMachineExtensions } from './extensions.js';
export type { LibvirtDriverOptions } from './options.js';
