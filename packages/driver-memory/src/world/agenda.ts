import type { MachineId } from '@virt-drivers/core';
import type { Scene } from './scene.js';

/** Something that a guest will do by itself. */
export interface AgendaItem {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly machine: MachineId;
  readonly what: 'boot' | 'power-off' | 'reboot' | 'thaw' | 'tick';
}

/** Stands for the unknown time when a halted machine continues. */
export const WHEN_IT_GOES_ON = Number.MAX_SAFE_INTEGER;

/** Plans it. */
export function plan(scene: Scene, machine: MachineId, what: AgendaItem['what'], inMilliseconds: number): void {
  scene.state.agenda.push({ at: scene.now.getTime() + inMilliseconds, machine, what });
}

/** Forgets what a machine would have done (all of it, or one kind): its power was cut, or somebody did it before. */
export function forget({ state: { agenda } }: Scene, machine: MachineId, what?: AgendaItem['what']): void {
  for (let index = agenda.length - 1; index >= 0; index -= 1) {
    const item = agenda[index];
    if (item?.machine === machine && (what === undefined || item.what === what)) agenda.splice(index, 1);
  }
}

/** Takes out what is due, the oldest first. */
export function takeDue(agenda: AgendaItem[], now: Date): AgendaItem | undefined {
  const due = agenda.filter(({ at }) => at <= now.getTime()).sort((a, b) => a.at - b.at)[0];
  if (due) agenda.splice(agenda.indexOf(due), 1);
  return due;
}

/** When the next thing is due, with ticks or without; undefined when nothing is. */
export function nextDue(agenda: readonly AgendaItem[], withTicks: boolean): Date | undefined {
  const times = agenda
    .filter(({ at, what }) => at !== WHEN_IT_GOES_ON && (withTicks || what !== 'tick'))
    .map(({ at }) => at);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
