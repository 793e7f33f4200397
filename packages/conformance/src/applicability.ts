import type { CapabilityName, OpenDriver } from '@virt-drivers/core';
import type { ConformanceCase } from './case.js';

/** Why a case does not apply to an endpoint. */
export interface NotApplicable {
  readonly because: 'absent' | 'narrowed' | 'present';
  readonly capability: CapabilityName;
  /** One sentence for people. */
  readonly reason: string;
}

function narrowingOf(driver: OpenDriver, capability: CapabilityName): string | undefined {
  const facet = capability.split('.')[0];
  return driver.narrowings.find((entry) => entry.capability === capability || entry.capability === facet)?.reason;
}

/** Undefined when the case applies, otherwise why it does not. Reads nothing but the manifest and its narrowings. */
export function notApplicable(
  driver: OpenDriver,
  { requires, lacks = [] }: ConformanceCase,
): NotApplicable | undefined {
  const absent = requires.find((capability) => driver.supports(capability) === undefined);
  if (absent !== undefined) {
    const narrowed = narrowingOf(driver, absent);
    return narrowed === undefined
      ? { because: 'absent', capability: absent, reason: `The driver does not claim ${absent}.` }
      : { because: 'narrowed', capability: absent, reason: narrowed };
  }
  const present = lacks.find((capability) => driver.supports(capability) !== undefined);
  if (present === undefined) return undefined;
  return {
    because: 'present',
    capability: present,
    reason: `The endpoint has ${present}; the case is about endpoints that lack it.`,
  };
}
