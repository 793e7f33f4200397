import { workflowProblems } from '../src/workflows.mjs';

const sha = 'a'.repeat(40);
const workflow = ({ on = 'pull_request:', permissions = 'permissions: {}', job = 'timeout-minutes: 5', step }) => `
on:
  ${on}
${permissions}
jobs:
  one:
    runs-on: ubuntu-24.04
    ${job}
    steps:
      - ${step ?? 'run: node tools/ci/plan.mjs'}
`;

describe('workflow rules', () => {
  it('accept a pinned, bounded, unprivileged workflow', () => {
    expect(workflowProblems(workflow({ step: `uses: actions/setup-node@${sha}` }))).toEqual([]);
  });

  it.each([
    ['a tag instead of a commit', { step: 'uses: actions/setup-node@v7' }],
    ['a checkout that keeps credentials', { step: `uses: actions/checkout@${sha}` }],
    ['an expression in a script', { step: 'run: echo ${{ github.head_ref }}' }],
    ['a job without an end', { job: 'name: one' }],
    ['an image that somebody may replace', { job: 'timeout-minutes: 5\n    container: debian:12' }],
    ['missing permissions', { permissions: '' }],
    ['pull_request_target', { on: 'pull_request_target:' }],
    ['a path filter', { on: "pull_request: { paths: ['src/**'] }" }],
  ])('refuse %s', (_, parts) => {
    expect(workflowProblems(workflow(parts))).toHaveLength(1);
  });
});
