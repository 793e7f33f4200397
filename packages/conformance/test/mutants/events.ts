import type { DriverEvent, Events, OpenDriver } from '@virt-drivers/core';
import type { Mutant } from './mutant.js';

type Source = AsyncIterableIterator<DriverEvent>;

/** A session whose watches pass through a filter. Leaving a watch still leaves the one below. */
function withFilter(
  open: OpenDriver,
  filter: (events: Source) => AsyncGenerator<DriverEvent, void, undefined>,
): OpenDriver {
  const watch: Events['watch'] = async (request, call) => {
    const below = await open.events.watch(request, call);
    const above = filter(below);
    const source: Source = {
      next: () => above.next(),
      async return() {
        await below.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => source,
    };
    return source;
  };
  return { ...open, events: { watch } };
}

const without = (isLost: (event: DriverEvent) => boolean) =>
  async function* (events: Source): AsyncGenerator<DriverEvent, void, undefined> {
    for await (const event of events) if (!isLost(event)) yield event;
  };

async function* createdLate(events: Source): AsyncGenerator<DriverEvent, void, undefined> {
  let held: DriverEvent | undefined;
  for await (const event of events) {
    if (event.kind === 'machine-created' && held === undefined) {
      held = event;
      continue;
    }
    yield event;
    if (held) yield held;
    held = undefined;
  }
}

export const eventMutants: readonly Mutant[] = [
  {
    flaw: 'Events of machines that stop are lost.',
    fails: ['power/stop-asks-the-guest', 'events/lifecycle-is-seen-in-order', 'events/resume-misses-nothing'],
    spoil: (open) =>
      withFilter(
        open,
        without((event) => event.kind === 'machine-state' && event.state === 'stopped'),
      ),
  },
  {
    flaw: 'The creation of a machine is told after what happened next.',
    fails: [
      'events/lifecycle-is-seen-in-order',
      'events/leaving-ends-the-watch',
      'events/resume-misses-nothing',
      'events/since-unknown-cursor-resyncs',
    ],
    spoil: (open) => withFilter(open, createdLate),
  },
  {
    flaw: 'Nobody is told that continuity was lost.',
    fails: ['events/since-unknown-cursor-resyncs', 'events/overflow-resyncs'],
    spoil: (open) =>
      withFilter(
        open,
        without((event) => event.kind === 'resync'),
      ),
  },
];
