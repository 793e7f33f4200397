export { driver } from './driver.js';
export type { MemoryMachineExtensions, MemoryOptions } from './options.js';
export { createManualClock, systemClock, type Clock, type ManualClock } from './world/clock.js';
export { createWorld, forgetWorld, type WorldRequest } from './world/create-world.js';
export type { Fault, FaultEffect, Faults } from './world/faults.js';
export type { World } from './world/world.js';
