import { checkErrorReference } from '../src/error-reference.mjs';
import { sampleTree } from './sample-tree.mjs';

const tree = (codes, page) => sampleTree({ 'packages/core/src/errors/codes.ts': codes, 'docs/errors.md': page });
const codes = "export const ERROR_CODES = {\n  'A.ONE': final,\n  'B.TWO': { retryable: true },\n};\n";

describe('the error reference', () => {
  it('accepts a page with every code', () => {
    expect(checkErrorReference(tree(codes, '## A.ONE\n\n## B.TWO\n'))).toEqual([]);
  });

  it('notices a missing, an invented and a repeated code', () => {
    expect(checkErrorReference(tree(codes, '## A.ONE\n## A.ONE\n## C.THREE\n'))).toEqual([
      'docs/errors.md does not explain B.TWO.',
      'docs/errors.md explains C.THREE, which does not exist.',
      'docs/errors.md explains A.ONE twice.',
    ]);
  });

  it('does not pass because it reads nothing', () => {
    expect(checkErrorReference(tree('', ''))).toHaveLength(1);
  });
});
