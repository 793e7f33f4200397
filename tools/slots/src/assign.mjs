// Who is reviewed now. Pure: the same queue, policy and time give the same answer, and asking again changes nothing.
import { byRank } from './queue.mjs';

const DAY_MILLISECONDS = 86_400_000;

/**
 * @typedef {object} Assignment
 * @property {readonly string[]} holders who has a slot afterwards
 * @property {readonly string[]} given who got one now, in order
 * @property {readonly {id: string, reason: string}[]} bumped who lost one
 * @property {readonly string[]} waiting who is next, in order
 * @property {readonly string[]} tooLong series that must be split before they can have one
 */

function reasonToBump(entry, { seriesLimit, patienceDays }, now) {
  if (!entry.ready) return 'it is not ready for review any more';
  if (entry.changes.length > seriesLimit)
    return `it has grown to ${entry.changes.length} changes, and ${seriesLimit} are the limit`;
  return isStalled(entry, patienceDays, now) ? `its author has not answered for ${patienceDays} days` : undefined;
}

const isStalled = ({ waitingForAuthorSince }, patienceDays, now) =>
  waitingForAuthorSince !== undefined && now - new Date(waitingForAuthorSince) >= patienceDays * DAY_MILLISECONDS;

/** Debt takes the reserved slots first, then slots that are open to all; a feature never takes a reserved one. */
function hasRoom({ kind }, holders, { slots, debtSlots }) {
  const debt = holders.filter((holder) => holder.kind === 'debt').length;
  const open = slots - debtSlots;
  const openTaken = holders.length - debt + Math.max(0, debt - debtSlots);
  return kind === 'debt' && debt < debtSlots ? holders.length < slots : openTaken < open;
}

/**
 * Gives free slots to the best ranked entries that are ready. Nobody loses a slot to a better ranked one; who is bumped waits
 * at its rank as if it never had one.
 * @param {readonly import('./queue.mjs').Entry[]} entries
 * @param {import('./policy.mjs').Policy} policy
 * @param {Date} now
 * @returns {Assignment}
 */
export function assign(entries, policy, now) {
  const bumped = [];
  const holders = [];
  for (const entry of entries.filter(({ holds }) => holds)) {
    const reason = reasonToBump(entry, policy, now);
    if (reason === undefined) holders.push(entry);
    else bumped.push({ id: entry.id, reason });
  }
  const queue = entries
    .filter((entry) => !holders.includes(entry) && reasonToBump(entry, policy, now) === undefined)
    .sort(byRank(policy.ranking));
  const given = [];
  for (const entry of queue) {
    if (!hasRoom(entry, holders, policy)) continue;
    holders.push(entry);
    given.push(entry.id);
  }
  return {
    holders: holders.map(({ id }) => id),
    given,
    bumped,
    waiting: queue.map(({ id }) => id).filter((id) => !given.includes(id)),
    tooLong: entries.filter(({ changes }) => changes.length > policy.seriesLimit).map(({ id }) => id),
  };
}
