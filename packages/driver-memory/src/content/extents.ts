/** Which blocks of a layer are written: sorted half-open ranges of block numbers, as plain data. */
export type Extents = [from: number, to: number][];

/** The range that holds the block, or the place where it would be inserted. */
function locate(extents: Extents, block: number): { readonly index: number; readonly inside: boolean } {
  let low = 0;
  let high = extents.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((extents[middle]?.[1] ?? 0) <= block) low = middle + 1;
    else high = middle;
  }
  const range = extents[low];
  return { index: low, inside: range !== undefined && range[0] <= block };
}

/** True when the block is written. */
export const hasBlock = (extents: Extents, block: number): boolean => locate(extents, block).inside;

/** Notes a block as written; neighbours grow together. */
export function addBlock(extents: Extents, block: number): void {
  const { index, inside } = locate(extents, block);
  if (inside) return;
  const before = extents[index - 1];
  const after = extents[index];
  const joinsBefore = before?.[1] === block;
  const joinsAfter = after?.[0] === block + 1;
  if (joinsBefore && joinsAfter) {
    before[1] = after[1];
    extents.splice(index, 1);
  } else if (joinsBefore) before[1] = block + 1;
  else if (joinsAfter) after[0] = block;
  else extents.splice(index, 0, [block, block + 1]);
}

/** How many blocks are written. */
export const countBlocks = (extents: Extents): number => extents.reduce((sum, [from, to]) => sum + to - from, 0);
