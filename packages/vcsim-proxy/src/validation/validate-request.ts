import { dataType, enumeration, isSubtype, methodNamed, type DataType, type Field } from '@virt-drivers/vsphere/schema';
import type { Call } from '../soap/call.js';
import { namespaces, type Element } from '../xml/element.js';
import { primitiveProblem } from './primitive.js';

/**
 * Says what a real server would refuse in a request: elements out of order, unknown or missing, values that their
 * types do not have, unknown data types.
 * @returns the first problem as a sentence; undefined when there is none; `unknown` for methods without a table
 */
export function requestProblem(call: Call): string | undefined | 'unknown' {
  const method = methodNamed(call.method);
  if (!method) return 'unknown';
  const self: Field = { name: '_this', type: '@ManagedObject', array: false, optional: false };
  return fieldsProblem([self, ...method.parameters], call.operation, call.method);
}

function fieldsProblem(fields: readonly Field[], parent: Element, path: string): string | undefined {
  const remaining = [...parent.children];
  for (const field of fields) {
    const own = takeWhile(remaining, field.name);
    // SOAP toolkits disagree about lists that must be there: an empty one is no element at all.
    if (own.length === 0 && !field.optional && !field.array) return `${path}.${field.name} is missing.`;
    if (own.length > 1 && !field.array) return `${path}.${field.name} stands there ${own.length} times.`;
    for (const element of own) {
      const problem = valueProblem(field.type, element, `${path}.${field.name}`);
      if (problem) return problem;
    }
  }
  const [first] = remaining;
  if (!first) return undefined;
  const isKnown = fields.some(({ name }) => name === first.name);
  return `${path}.${first.name} ${isKnown ? 'is out of order' : 'is unknown'}.`;
}

function takeWhile(elements: Element[], name: string): Element[] {
  const end = elements.findIndex((each) => each.name !== name);
  return elements.splice(0, end < 0 ? elements.length : end);
}

function valueProblem(declared: string, element: Element, path: string): string | undefined {
  if (declared.startsWith('@')) return referenceProblem(element, path);
  if (declared === 'any') return anyProblem(element, path);
  const base = dataType(declared);
  if (base) return dataProblem(base, element, path);
  if (element.children.length > 0) return `${path} must be text.`;
  const values = enumeration(declared);
  if (values && !values.includes(element.text))
    return `${path} has the value '${element.text}', unknown to ${declared}.`;
  return values ? undefined : primitiveProblem(declared, element.text, path);
}

/** The type is optional for a real server; a client that leaves it out fails with the simulator. */
function referenceProblem(element: Element, path: string): string | undefined {
  if (element.children.length > 0) return `${path} must be a reference.`;
  return element.type === undefined || element.text === '' ? `${path} names no object, or not its type.` : undefined;
}

function dataProblem(base: DataType, element: Element, path: string): string | undefined {
  const name = element.dataType?.name ?? base.name;
  const type = dataType(name);
  if (!type) return `${path} has the unknown type ${name}.`;
  if (!isSubtype(name, base.name)) return `${path} is a ${name}, which is no ${base.name}.`;
  return fieldsProblem(type.fields, element, path);
}

/** Where anything may stand, its own type says what it is. */
function anyProblem(element: Element, path: string): string | undefined {
  const own = element.dataType;
  if (!own) return `${path} may be anything, so it must say its type.`;
  if (own.namespace === namespaces.schema) return primitiveProblem(own.name, element.text, path);
  if (own.name === 'ManagedObjectReference') return referenceProblem(element, path);
  if (own.name.startsWith('ArrayOf')) return undefined;
  const type = dataType(own.name);
  if (type) return fieldsProblem(type.fields, element, path);
  return enumeration(own.name) ? undefined : `${path} has the unknown type ${own.name}.`;
}
