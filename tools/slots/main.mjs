// slots plan|apply|export|model|owners; see README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { areasIn, codeowners } from './src/areas.mjs';
import { assign } from './src/assign.mjs';
import { meanWait } from './src/erlang-c.mjs';
import { openGitHub } from './src/github.mjs';
import { labelChanges } from './src/label-changes.mjs';
import { readPolicy } from './src/policy.mjs';
import { entriesOf } from './src/queue.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ownersFile = join(root, '.github', 'CODEOWNERS');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    policy: { type: 'string', default: join(root, '.github', 'slots.json') },
    now: { type: 'string' },
    features: { type: 'string', default: '0.5' },
    debt: { type: 'string', default: '0.15' },
    days: { type: 'string', default: '12' },
    write: { type: 'boolean', default: false },
  },
});

function github() {
  const {
    GITHUB_TOKEN: token,
    GITHUB_REPOSITORY: repository,
    GITHUB_API_URL: api = 'https://api.github.com',
  } = process.env;
  if (!token || !repository)
    throw new Error('GITHUB_TOKEN and GITHUB_REPOSITORY are not set; use --data with exported data.');
  return openGitHub({ api, repository, token });
}

async function plan(pulls) {
  const now = values.now === undefined ? new Date() : new Date(values.now);
  const assignment = assign(entriesOf(pulls), readPolicy(values.policy), now);
  for (const id of assignment.holders) console.log(`slot      ${id}${assignment.given.includes(id) ? ' (new)' : ''}`);
  for (const { id, reason } of assignment.bumped) console.log(`bumped    ${id}: ${reason}; it keeps its rank`);
  assignment.waiting.forEach((id, index) => console.log(`queue ${String(index + 1).padStart(3)} ${id}`));
  for (const id of assignment.tooLong) console.log(`too long  ${id}: split it`);
  return labelChanges(pulls, assignment, areasIn(root));
}

function model() {
  const { slots, debtSlots } = readPolicy(values.policy);
  const [features, debt, daysInSlot] = [values.features, values.debt, values.days].map(Number);
  const show = (what, count, arrivalsPerDay) =>
    console.log(`${what.padEnd(32)}${meanWait({ slots: count, arrivalsPerDay, daysInSlot }).toFixed(1)} days`);
  show(`all in ${slots} common slots`, slots, features + debt);
  show(`debt in its ${debtSlots} slots`, debtSlots, debt);
  show(`features in the other ${slots - debtSlots}`, slots - debtSlots, features);
}

const pulls = async () =>
  values.data === undefined ? github().pulls() : JSON.parse(readFileSync(values.data, 'utf8'));

const commands = {
  plan: async () => console.log(JSON.stringify(await plan(await pulls()), null, 2)),
  apply: async () => {
    const to = github();
    for (const change of await plan(await to.pulls())) await to.apply(change);
  },
  export: async () => console.log(JSON.stringify(await github().pulls(), null, 2)),
  model: async () => model(),
  owners: async () => {
    const text = codeowners(areasIn(root));
    if (values.write) return writeFileSync(ownersFile, text);
    if (readFileSync(ownersFile, 'utf8') === text) return undefined;
    throw new Error('.github/CODEOWNERS does not fit the packages; run: node tools/slots/main.mjs owners --write');
  },
};

try {
  const command = commands[positionals[0] ?? ''];
  if (!command) throw new Error(`Usage: slots ${Object.keys(commands).join('|')}`);
  await command();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
