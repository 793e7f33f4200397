// Which labels must change, so that they say what was decided.
import { areaLabels, labelsFor } from './areas.mjs';
import { entriesOf } from './queue.mjs';

/** Labels that this tool sets; all others belong to people. */
export const OWN_LABELS = ['slot', 'queued', 'bumped', 'series-too-long'];

function stateLabels(entry, { holders, bumped, waiting, tooLong }) {
  const { id } = entry;
  return [
    ...(holders.includes(id) ? ['slot'] : []),
    ...(waiting.includes(id) ? ['queued'] : []),
    ...(bumped.some((each) => each.id === id) ? ['bumped'] : []),
    ...(tooLong.includes(id) ? ['series-too-long'] : []),
  ];
}

/**
 * @param {readonly import('./queue.mjs').Pull[]} pulls
 * @param {import('./assign.mjs').Assignment} assignment
 * @param {readonly import('./areas.mjs').Area[]} areas
 * @returns {{number: number, add: string[], remove: string[]}[]} only pull requests that change
 */
export function labelChanges(pulls, assignment, areas) {
  const entries = entriesOf(pulls);
  const own = [...OWN_LABELS, ...areaLabels(areas)];
  return pulls
    .map(({ number, labels, files }) => {
      const entry = entries.find(({ changes }) => changes.includes(number));
      const state = entry ? stateLabels(entry, assignment) : [];
      // It says why the slot is gone until the entry is back in the queue.
      const kept = labels.includes('bumped') && state.length === 0 ? ['bumped'] : [];
      const wanted = [...state, ...kept, ...labelsFor(files, areas)];
      return {
        number,
        add: wanted.filter((label) => !labels.includes(label)),
        remove: labels.filter((label) => own.includes(label) && !wanted.includes(label)),
      };
    })
    .filter(({ add, remove }) => add.length + remove.length > 0);
}
