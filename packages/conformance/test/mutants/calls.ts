import { DriverError, isDriverError, Secret, type CallOptions, type OpenDriver } from '@virt-drivers/core';
import { withOptions, type Mutant } from './mutant.js';

const OWN = ['machines', 'power', 'volumes', 'disks', 'hosts'] as const;

const everywhere = (open: OpenDriver, change: (call: CallOptions) => CallOptions): OpenDriver => ({
  ...open,
  ...Object.fromEntries(OWN.map((facet) => [facet, withOptions(open[facet], change)])),
});

const leftBehind: (() => unknown)[] = [];

/** Ends what mutants left alive on purpose. */
export async function clearLeftBehind(): Promise<void> {
  for (const end of leftBehind.splice(0)) await end();
}

export const callMutants: readonly Mutant[] = [
  {
    flaw: 'Abort signals are ignored.',
    fails: [
      'cancellation/aborted-before-start-changes-nothing',
      'cancellation/aborted-listings-and-watches',
      'cancellation/abort-ends-waiting',
    ],
    spoil: (open) => everywhere(open, ({ deadline }) => (deadline ? { deadline } : {})),
  },
  {
    flaw: 'Deadlines are ignored.',
    fails: ['power/stop-never-kills', 'cancellation/passed-deadline-changes-nothing', 'cancellation/deadline-is-kept'],
    spoil: (open) => everywhere(open, ({ signal }) => (signal ? { signal } : {})),
  },
  {
    flaw: 'A session leaves timers running when it is closed.',
    fails: [
      'sessions/capabilities-are-frozen',
      'sessions/endpoint-id-is-stable',
      'sessions/two-sessions-agree',
      'sessions/close-twice-succeeds',
      'sessions/closed-session-refuses-calls',
      'sessions/close-ends-watches',
      'sessions/close-releases-everything',
      'machines/id-is-stable',
      'machines/record-is-seen-by-another-session',
      'events/two-watchers-see-the-same',
      'idempotence/token-is-known-to-another-session',
      'tasks/resume-by-id',
    ],
    spoil: (open) => ({
      ...open,
      async close() {
        // More than one, so that one that happens to end at the same moment hides nothing.
        const timers = [1, 2, 3].map(() => setInterval(() => undefined, 60_000));
        leftBehind.push(() => timers.forEach(clearInterval));
        await open.close();
      },
    }),
  },
  {
    flaw: 'Errors repeat the options that were given, secrets too.',
    fails: ['sessions/unknown-option-is-refused', 'sessions/option-secrets-stay-hidden', 'errors/secrets-never-appear'],
    spoil: (open) => open,
    spoilOpen: (open) => async (request, call) => {
      try {
        return await open(request, call);
      } catch (error) {
        if (!isDriverError(error, 'REQUEST.INVALID')) throw error;
        const shown = Object.values(request.options ?? {}).map((value) =>
          value instanceof Secret ? value.reveal() : String(value),
        );
        throw new DriverError(error.code, `${error.message} Given were: ${shown.join(', ')}.`);
      }
    },
  },
  {
    flaw: 'After close the session still answers.',
    fails: ['sessions/closed-session-refuses-calls', 'sessions/close-ends-watches'],
    spoil: (open) => ({ ...open, close: async () => void leftBehind.push(open.close) }),
  },
];
