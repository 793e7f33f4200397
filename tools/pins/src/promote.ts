import { putInto } from './add.js';
import { coreIn, pinsIn } from './channel.js';
import { misfits } from './compatibility.js';
import { subjectOf } from './pins-file.js';
import type { PinsContext } from './pins-context.js';
import type { Pin, PinsFile, Tier } from './pins-schema.js';
import { failure, PinsError, type Problem } from './problem.js';

const DAY_MILLISECONDS = 86_400_000;
const TIERS: readonly Tier[] = ['memory', 'peer', 'live'];

function obstacles(pin: Pin, file: PinsFile, channel: string, now: Date): readonly Problem[] {
  const { from = '', minimumAgeDays = 0, evidence } = file.channels[channel] ?? {};
  const subject = subjectOf(pin);
  const since = pin.channels[from] ?? pin.at;
  const age = (now.getTime() - new Date(since).getTime()) / DAY_MILLISECONDS;
  const problems: Problem[] = [];
  if (pin.state === 'blocked')
    problems.push({ kind: 'blocked', subject, message: `${subject} is blocked: ${pin.reason} Upgrade it first.` });
  if (age < minimumAgeDays) {
    const due = new Date(new Date(since).getTime() + minimumAgeDays * DAY_MILLISECONDS).toISOString();
    problems.push({
      kind: 'too-young',
      subject,
      message: `${subject} has been in ${from} for ${age.toFixed(1)} of ${minimumAgeDays} days. Promote it from ${due} on.`,
    });
  }
  const proven = pin.conformance.some(
    ({ tier }) => evidence === undefined || TIERS.indexOf(tier) >= TIERS.indexOf(evidence),
  );
  if (pin.kind === 'driver' && evidence !== undefined && !proven) {
    problems.push({
      kind: 'evidence',
      subject,
      message: `${subject} has no conformance report of tier ${evidence} or better. Pin it again with --report.`,
    });
  }
  return problems;
}

/**
 * Copies a pin to the channel that takes from its own, in place of the version there. Errors: `not-pinned`, `blocked`,
 * `too-young`, `evidence`, `core-range`, `api-version`, `no-core`.
 */
export function promotePin(
  file: PinsFile,
  name: string,
  channel: string,
  { now }: Pick<PinsContext, 'now'>,
): { readonly file: PinsFile; readonly pin: Pin } {
  const there = pinsIn(file, channel);
  const from = file.channels[channel]?.from;
  if (from === undefined)
    throw failure('usage', channel, `Nothing is promoted to ${channel}: it takes from no other channel.`);
  const found = pinsIn(file, from).find((each) => each.package === name);
  if (found === undefined)
    throw failure(
      'not-pinned',
      name,
      `${name} is not pinned in ${from}. Add it first: virt pins add ${name}@<version>`,
    );
  const core = found.kind === 'core' ? found : coreIn(there);
  const touched = found.kind === 'core' ? there.filter(({ kind }) => kind !== 'core') : [found];
  const problems = [...obstacles(found, file, channel, now()), ...touched.flatMap((each) => misfits(each, core))];
  if (problems.length > 0) throw new PinsError(problems);
  const pin = { ...found, channels: { ...found.channels, [channel]: now().toISOString() } };
  return { file: putInto(file, pin, channel), pin };
}
