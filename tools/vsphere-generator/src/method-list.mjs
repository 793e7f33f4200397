import { readFileSync } from 'node:fs';

/** @typedef {import('./model.mjs').Model} Model */

/**
 * Reads methods.txt: managed object → the names of its methods to ship. An unknown name is an error.
 * @param {URL} file @param {Model} model @returns {Map<string, Set<string>>}
 */
export function readMethodList(file, model) {
  /** @type {Map<string, Set<string>>} */
  const wanted = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^(\w+):\s*(.+)$/.exec(line);
    if (!match) {
      if (line !== '' && !line.startsWith('#')) throw new Error(`methods.txt: not understood: ${line}`);
      continue;
    }
    const [, owner = '', names = ''] = match;
    wanted.set(owner, methodsNamed(model, owner, names.split(/\s+/)));
  }
  return wanted;
}

/** @param {Model} model @param {string} owner @param {string[]} names */
function methodsNamed(model, owner, names) {
  const managed = model.managed.get(owner);
  if (!managed) throw new Error(`methods.txt: there is no managed object ${owner}.`);
  const all = new Set(managed.methods.map((method) => method.name));
  if (names.includes('*')) return all;
  for (const name of names) if (!all.has(name)) throw new Error(`methods.txt: ${owner} has no method ${name}.`);
  return new Set(names);
}
