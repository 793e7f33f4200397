import { addBlock, countBlocks, hasBlock, type Extents } from './extents.js';

test('blocks in any order are the same set, in as few ranges as possible', () => {
  const extents: Extents = [];
  const numbers = Array.from({ length: 200 }, (_, index) => (index * 73) % 211);
  for (const number of [...numbers, ...numbers]) addBlock(extents, number);
  const wanted = new Set(numbers);
  for (let block = -1; block < 220; block += 1) expect(hasBlock(extents, block)).toBe(wanted.has(block));
  expect(countBlocks(extents)).toBe(wanted.size);
  for (const [index, [from]] of extents.entries()) if (index > 0) expect(from).toBeGreaterThan(extents[index - 1]![1]);
});
