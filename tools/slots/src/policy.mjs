// The one file of state: how many slots there are, and what is more important than what.
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Policy
 * @property {number} slots how many series are reviewed at a time
 * @property {number} debtSlots how many of them only debt may take
 * @property {number} seriesLimit most changes in a series
 * @property {number} patienceDays how long a slot waits for its author
 * @property {readonly string[]} ranking series and `#<pull request>`, most important first; what is not in it comes after, oldest first
 */

const whole = ['slots', 'debtSlots', 'seriesLimit', 'patienceDays'];

/** What is wrong with a policy. */
export function policyProblems(policy) {
  const numbers = whole
    .filter((name) => !Number.isInteger(policy[name]) || policy[name] < 0)
    .map((name) => `${name} must be a whole number`);
  const { ranking = [], slots, debtSlots } = policy;
  const twice = ranking.filter((name, index) => ranking.indexOf(name) !== index);
  return [
    ...numbers,
    ...(debtSlots >= slots ? [`debtSlots (${debtSlots}) leaves no slot for features`] : []),
    ...twice.map((name) => `${name} is ranked twice`),
  ];
}

/** Reads a policy. @returns {Policy} */
export function readPolicy(file) {
  const policy = JSON.parse(readFileSync(file, 'utf8'));
  const problems = policyProblems(policy);
  if (problems.length > 0) throw new Error(`${file}: ${problems.join('; ')}.`);
  return policy;
}
