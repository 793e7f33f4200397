export { driver } from './driver.js';
export type { LibvirtMachineExtensions } from './extensions.js';
export type { LibvirtDriverOptions } from './options.js';
export type { PowerFlexOptions } from './powerflex/powerflex-options.js';
