import type { Capabilities } from './capabilities.js';

/** Version of the contract, major.minor. Drivers name the one they were written for; it is checked when they are loaded. */
export const API_VERSION = '1.0';

/**
 * What a driver is and can do: one literal, known before connecting. Conditions in it carry their reason.
 */
export interface Manifest {
  /** npm package name of the driver. */
  readonly name: string;
  /** Version of the driver's package. */
  readonly version: string;
  /** Contract version that the driver implements. */
  readonly apiVersion: string;
  /** What it drives, for people. */
  readonly title: string;
  /** Shapes of the target that it accepts, with an example of each. */
  readonly targets: readonly { readonly pattern: string; readonly example: string; readonly meaning: string }[];
  readonly capabilities: Capabilities;
}
