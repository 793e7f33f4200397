// Pull requests as what is queued: series of changes that are reviewed together.

/**
 * @typedef {object} Pull
 * @property {number} number
 * @property {boolean} draft
 * @property {readonly string[]} labels
 * @property {string} createdAt ISO 8601
 * @property {readonly string[]} files paths that it changes
 * @property {string} [waitingForAuthorSince] when review asked for something that the author has not answered
 */

/**
 * @typedef {object} Entry
 * @property {string} id name of the series, or `#<number>`
 * @property {'debt' | 'feature'} kind
 * @property {readonly number[]} changes
 * @property {boolean} ready
 * @property {boolean} holds whether it has a slot now
 * @property {string} arrivedAt
 * @property {string} [waitingForAuthorSince]
 */

const seriesLabel = 'series:';

const idOf = ({ number, labels }) =>
  labels.find((label) => label.startsWith(seriesLabel))?.slice(seriesLabel.length) ?? `#${number}`;

function entryOf(id, pulls) {
  const has = (label) => pulls.some(({ labels }) => labels.includes(label));
  const waits = pulls.map(({ waitingForAuthorSince }) => waitingForAuthorSince).filter(Boolean);
  // One change that review can go on with keeps the whole series alive.
  const stuck = waits.length === pulls.length ? { waitingForAuthorSince: waits.sort().at(-1) } : {};
  return {
    id,
    kind: has('debt') ? 'debt' : 'feature',
    changes: pulls.map(({ number }) => number).sort((a, b) => a - b),
    ready: pulls.some(({ draft, labels }) => !draft && labels.includes('ready')),
    holds: has('slot'),
    arrivedAt: pulls.map(({ createdAt }) => createdAt).sort()[0],
    ...stuck,
  };
}

/** Groups open pull requests. What is labelled `no-slot` is small enough to be reviewed on the side. @returns {Entry[]} */
export function entriesOf(pulls) {
  const groups = new Map();
  for (const pull of pulls.filter(({ labels }) => !labels.includes('no-slot'))) {
    const id = idOf(pull);
    groups.set(id, [...(groups.get(id) ?? []), pull]);
  }
  return [...groups].map(([id, group]) => entryOf(id, group));
}

/** Order of the queue: by rank, then by age. Nothing that happened to an entry before is part of it. */
export function byRank(ranking) {
  const ranks = new Map(ranking.map((id, index) => [id, index]));
  const rank = ({ id }) => ranks.get(id) ?? ranking.length;
  return (a, b) =>
    rank(a) - rank(b) || (a.arrivedAt < b.arrivedAt ? -1 : a.arrivedAt > b.arrivedAt ? 1 : a.id < b.id ? -1 : 1);
}
