import { setTimeout } from 'node:timers/promises';
import type { Upstream } from '../chain/upstream.js';
import { contentOf, type Answer } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, childrenOf, element, textOf, type Element } from '../xml/element.js';

const collector: Reference = { type: 'PropertyCollector', value: 'propertyCollector' };
const hostCollector: Reference = { type: 'PropertyCollector', value: 'ha-property-collector' };

/** The value of one property, read for the session of a call; undefined when it is not set. */
export async function readProperty(
  upstream: Upstream,
  call: Call,
  object: Reference,
  path: string,
): Promise<Element | undefined> {
  const [content] = await retrieve(upstream, call, object, path);
  return child(childrenOf(content, 'propSet')[0], 'val');
}

function retrieve(upstream: Upstream, call: Call, object: Reference, path: string): Promise<readonly Element[]> {
  const spec = element('specSet', [
    element('propSet', [element('type', object.type), element('all', false), element('pathSet', path)]),
    element('objectSet', [element('obj', object.value, { type: object.type })]),
  ]);
  const ask = (self: Reference) => upstream.invoke(call, self, 'RetrieveProperties', [spec]);
  return ask(collector).catch(() => ask(hostCollector));
}

/** The references in a property that lists some. */
export async function readReferences(
  upstream: Upstream,
  call: Call,
  object: Reference,
  path: string,
): Promise<readonly Reference[]> {
  const value = await readProperty(upstream, call, object, path);
  return value?.children.map(({ type = '', text }) => ({ type, value: text })) ?? [];
}

/** The datacenters, also those in folders. */
export async function datacenters(upstream: Upstream, call: Call, folder: Reference): Promise<readonly Reference[]> {
  const found: Reference[] = [];
  for (const each of await readReferences(upstream, call, folder, 'childEntity')) {
    if (each.type === 'Datacenter') found.push(each);
    else if (each.type === 'Folder') found.push(...(await datacenters(upstream, call, each)));
  }
  return found;
}

/**
 * A task of the simulator's own, so that clients can wait for it and read it: one that powers on no machine at all.
 * What clients see of it is replaced.
 */
export async function placeholderTask(upstream: Upstream, call: Call, rootFolder: Reference): Promise<Reference> {
  const [datacenter] = await datacenters(upstream, call, rootFolder);
  if (!datacenter) throw new Error('A simulator without a datacenter cannot have tasks.');
  const [task] = await upstream.invoke(call, datacenter, 'PowerOnMultiVM_Task');
  if (!task) throw new Error('The simulator gave no task.');
  return { type: 'Task', value: task.text };
}

/** Calls a method that answers with a task, and waits for that. Throws when the task has failed, or does not end. */
export async function invokeTask(
  upstream: Upstream,
  call: Call,
  self: Reference,
  method: string,
  parameters: readonly Element[],
): Promise<Element | undefined> {
  const [task] = await upstream.invoke(call, self, method, parameters);
  if (!task) throw new Error(`${method} gave no task.`);
  const info = await endOf(upstream, call, { type: 'Task', value: task.text });
  if (goesOn(info)) throw new Error(`${method} did not end within ${WAIT_MS} ms.`);
  if (textOf(info, 'state') === 'error') throw new TaskFailed(method, child(info, 'error') ?? element('error'));
  return child(info, 'result');
}

const WAIT_MS = 10_000;

const goesOn = (info: Element | undefined): boolean => /^(queued|running)$/.test(textOf(info, 'state') ?? '');

/**
 * The information of one of the simulator's tasks when it has ended, which takes the newer one a moment; as it is after
 * ten seconds when it does not end.
 */
export async function endOf(upstream: Upstream, call: Call, task: Reference): Promise<Element | undefined> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const info = await readProperty(upstream, call, task, 'info');
    if (!goesOn(info) || Date.now() > deadline) return info;
    await setTimeout(2);
  }
}

/** Whether the task that the simulator answered a call with has ended well. */
export async function succeeded(upstream: Upstream, call: Call, answer: Answer): Promise<boolean> {
  const task = textOf(contentOf(answer), 'returnval');
  if (answer.status !== 200 || task === undefined) return false;
  return textOf(await endOf(upstream, call, { type: 'Task', value: task }), 'state') === 'success';
}

/** A task of the simulator's ended with an error. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
  constructor(
    method: string,
    readonly error: Element,
  ) {
    super(`${method} failed: ${child(error, 'fault')?.dataType?.name ?? 'for no reason'}`);
  }
}
