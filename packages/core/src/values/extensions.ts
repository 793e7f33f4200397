/**
 * Options that only one hypervisor knows, namespaced by driver.
 *
 * CONTRACT question 21 (hypervisor-specific options?): a driver package declares its namespace by module augmentation;
 * core only carries the values, compute never reads them, conformance ignores them. A driver refuses, with
 * `REQUEST.INVALID`, keys in its own namespace that it does not know, and ignores other namespaces.
 *
 * @example
 * ```ts
 * declare module '@virt-drivers/core' {
 *   interface MachineExtensions { memory: { bootDelayMilliseconds?: number } }
 * }
 * ```
 */
// An interface, because only interfaces can be augmented by other packages.
export interface MachineExtensions {}

/** Same idea for volumes. */
export interface VolumeExtensions {}

/** Same idea for a migration. */
export interface MigrationExtensions {}
