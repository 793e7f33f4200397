import type { Fault } from '../soap/answer.js';
import { localizedFault } from '../soap/answer.js';
import type { Reference } from '../soap/call.js';
import { isManaged } from './managed-types.js';
import { child, element, primitive, withChildren, type Element } from '../xml/element.js';

/** How far a task is. */
export interface TaskProgress {
  readonly state: 'queued' | 'running' | 'success' | 'error';
  readonly progress?: number | undefined;
  readonly result?: Element | undefined;
  readonly error?: Element | undefined;
}

/** The fields of TaskInfo in the order of the wire, as far as a simulator has them. */
const order = [
  ...['key', 'task', 'description', 'name', 'descriptionId', 'entity', 'entityName', 'locked', 'state', 'cancelled'],
  ...['cancelable', 'error', 'result', 'progress', 'reason', 'queueTime', 'startTime', 'completeTime', 'eventChainId'],
];

/** The TaskInfo of a task that the simulator has, as of another method, on another object, and with another progress. */
export function taskInfo(base: Element, method: string, entity: Reference, now: TaskProgress): Element {
  const isDone = now.state === 'success' || now.state === 'error';
  const isCanceled = child(now.error, 'fault')?.dataType?.name === 'RequestCanceled';
  const fields = new Map<string, Element | undefined>(base.children.map((each) => [each.name, each]));
  const set = (name: string, value: Element | undefined): unknown => fields.set(name, value);
  set('name', element('name', method));
  set('descriptionId', element('descriptionId', descriptionId(method, entity)));
  const isEntity = isManaged(entity.type, 'ManagedEntity');
  set('entity', isEntity ? element('entity', entity.value, { type: entity.type }) : undefined);
  set('entityName', undefined);
  set('state', element('state', now.state));
  set('cancelled', element('cancelled', isCanceled));
  set('cancelable', element('cancelable', !isDone));
  set('error', now.error);
  set('result', now.result && { ...now.result, name: 'result' });
  set('progress', now.progress === undefined ? undefined : element('progress', now.progress));
  if (now.state === 'queued') set('startTime', undefined);
  if (!isDone) set('completeTime', undefined);
  return withChildren(
    base,
    order.flatMap((name) => fields.get(name) ?? []),
  );
}

/** `VirtualMachine.powerOn` of PowerOnVM_Task, roughly: clients show it and do not interpret it. */
function descriptionId(method: string, { type }: Reference): string {
  const name = method.replace(/_Task$/, '');
  return `${type}.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

/** What a client reads at a path of a task, or below it. */
export function taskValue(info: Element, path: string, value: Element): Element | undefined {
  if (path === 'info') return { ...info, name: value.name, dataType: value.dataType };
  const [first, name, ...deeper] = path.split('.');
  if (first !== 'info' || name === undefined || deeper.length > 0) return undefined;
  const found = child(info, name);
  if (!found) return undefined;
  return { ...found, name: value.name, dataType: found.dataType ?? value.dataType };
}

/** The properties of a task that change while it runs, as a filter for `info` or for parts of it sees them. */
export function taskChanges(info: Element, paths: readonly string[]): readonly Element[] {
  return paths.flatMap((path) => {
    const name = path.replace(/^info\.?/, '');
    const value = name === '' ? { ...info, name: 'val', dataType: infoType } : valueOf(info, name);
    return value ? [element('changeSet', [element('name', path), element('op', 'assign'), value])] : [];
  });
}

const infoType = { namespace: 'urn:vim25', name: 'TaskInfo' };

function valueOf(info: Element, name: string): Element | undefined {
  const found = child(info, name);
  if (!found) return undefined;
  if (name === 'state') return element('val', found.text, { dataType: { ...infoType, name: 'TaskInfoState' } });
  if (name === 'progress') return primitive('val', 'int', found.text);
  if (name === 'error') return { ...found, name: 'val', dataType: { ...infoType, name: 'LocalizedMethodFault' } };
  return { ...found, name: 'val' };
}

/** What a task that failed has as its error. */
export const taskError = (fault: Fault): Element => localizedFault('error', fault);
