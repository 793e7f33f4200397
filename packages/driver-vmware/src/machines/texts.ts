import type { CallOptions } from '@virt-drivers/core';
import { OWN_PREFIX, toOptionValues } from '../convert/extra-config.js';
import type { MachineView } from '../machine-views.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';

/**
 * Gives a machine back its name, description, note and record of before: a revert brings the whole configuration of
 * its time with it.
 */
export async function keepTexts(session: VmwareSession, before: MachineView, options: CallOptions): Promise<void> {
  const { id, description = '' } = before.machine;
  const now = await session.machines.view(id, options);
  const settings = changedSettings(now.settings, before.settings);
  const spec = {
    ...(now.name !== before.name && { name: before.name }),
    ...((now.machine.description ?? '') !== description && { annotation: description }),
    ...(settings.length > 0 && { extraConfig: toOptionValues(settings) }),
  };
  if (Object.keys(spec).length === 0) return;
  await reconfigure(session, now, spec, options);
}

/** Our own settings that differ; those that were not there before become empty, which removes them. */
function changedSettings(
  now: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  const keys = new Set([...now.keys(), ...before.keys()].filter((key) => key.startsWith(OWN_PREFIX)));
  return [...keys].flatMap((key) => {
    const wanted = before.get(key) ?? '';
    return wanted === (now.get(key) ?? '') ? [] : [[key, wanted] as const];
  });
}
