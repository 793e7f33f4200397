import { childrenIn } from './hierarchy.mjs';

/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').Member} Member */

/** What tasks result in: on the wire that is `any`, so that no method's signature leads to it. */
const TASK_RESULTS = ['HostDatastoreBrowserSearchResults', 'CheckResult', 'ApplyStorageRecommendationResult'];

/**
 * The part of the model that a list of methods needs: every type that an argument, a result or a property can hold,
 * with the types that stand in for it.
 * @param {Model} model @param {Map<string, Set<string>>} wanted @returns {Model}
 */
export function closureOf(model, wanted) {
  const children = childrenIn(model.data);
  /** @type {Set<string>} */
  const found = new Set();
  /** @type {Set<string>} */
  const reached = new Set();
  /** @type {string[]} */
  const waiting = [];
  const visit = (/** @type {Member} */ member) => {
    // An ancestor may have been found already without what stands in for it.
    if (!reached.has(member.type)) waiting.push(member.type);
    reached.add(member.type);
    found.add(member.type);
  };
  const roots = [
    'LocalizedMethodFault',
    'MethodFault',
    'TaskInfo',
    ...TASK_RESULTS.filter((name) => model.data.has(name)),
  ];
  for (const name of roots) visit({ name, type: name, array: false, optional: false });
  for (const owner of withAncestors(model, [...wanted.keys()])) {
    const managed = model.managed.get(owner);
    managed?.properties.forEach(visit);
    for (const method of managed?.methods ?? []) {
      if (wanted.get(owner)?.has(method.name)) [...method.parameters, method.result].forEach(visit);
    }
  }
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    for (let name = model.data.get(type); name; name = model.data.get(name.parent ?? '')) {
      found.add(name.name);
      name.members.forEach(visit);
    }
    for (const name of children.get(type) ?? []) visit({ name, type: name, array: false, optional: false });
  }
  return restrict(model, wanted, found);
}

/** @param {Model} model @param {string[]} names @returns {Set<string>} */
function withAncestors(model, names) {
  const all = new Set(names);
  for (const name of all) {
    const parent = model.managed.get(name)?.parent;
    if (parent !== undefined) all.add(parent);
  }
  return all;
}

/** @param {Model} model @param {Map<string, Set<string>>} wanted @param {Set<string>} found @returns {Model} */
function restrict(model, wanted, found) {
  const owners = withAncestors(model, [...wanted.keys()]);
  const named = [...found].filter((type) => type.startsWith('@')).map((type) => type.slice(1));
  const referenced = withAncestors(model, named);
  const managed = [...model.managed.values()].flatMap((one) => {
    if (!owners.has(one.name)) return referenced.has(one.name) ? [{ ...one, properties: [], methods: [] }] : [];
    return [{ ...one, methods: one.methods.filter((method) => wanted.get(one.name)?.has(method.name)) }];
  });
  return {
    data: new Map([...model.data].filter(([name]) => found.has(name))),
    managed: new Map(managed.map((one) => [one.name, one])),
    enums: new Map([...model.enums].filter(([name]) => found.has(name))),
  };
}
