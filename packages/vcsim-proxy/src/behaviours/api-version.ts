import { dataType, enumeration, methodNamed } from '@virt-drivers/vsphere/schema';
import type { Handler } from '../chain/handler.js';
import { contentOf, withContent } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import { isManaged } from './managed-types.js';
import { namespaces, withChildren, type Element } from '../xml/element.js';

/** The version of the API that the tables describe. */
const newestKnown = [6, 7];

/**
 * A server answers in the version of the API that a client asks for by its SOAPAction. The simulator does not, so that
 * older clients, which know their types exactly, fail on fields that are new.
 */
export const apiVersion: Handler = async (call, next) => {
  const answer = await next(call);
  const method = isOld(call) ? methodNamed(call.method) : undefined;
  const content = method && answer.status === 200 ? contentOf(answer) : undefined;
  if (!method || !content) return answer;
  const known = content.children.flatMap((each) => knownPart(each, method.result.type));
  return withContent(answer, withChildren(content, known));
};

function isOld({ headers }: Call): boolean {
  const [, major, minor] = /^"?urn:vim25\/(\d+)\.(\d+)/.exec(String(headers.soapaction)) ?? [];
  if (major === undefined || minor === undefined) return false;
  const [knownMajor = 0, knownMinor = 0] = newestKnown;
  return Number(major) < knownMajor || (Number(major) === knownMajor && Number(minor) <= knownMinor);
}

/** The element without what the tables do not have; nothing when that is all of it. */
function knownPart(element: Element, declared: string): readonly Element[] {
  // QUIRK(vcsim): tasks of a manager name it as their entity, which can only be a ManagedEntity.
  if (declared.startsWith('@')) return isManaged(element.type ?? '', declared.slice(1)) ? [element] : [];
  const name = element.dataType?.name ?? declared;
  // QUIRK(vcsim): empty values of enumerations.
  const values = enumeration(name);
  if (values) return values.includes(element.text) ? [element] : [];
  if (element.dataType?.namespace === namespaces.schema || element.children.length === 0) return [element];
  const list = /^ArrayOf(.+)$/.exec(name)?.[1];
  if (list !== undefined) {
    return [
      withChildren(
        element,
        element.children.flatMap((each) => knownPart(each, each.dataType?.name ?? list)),
      ),
    ];
  }
  const type = dataType(name);
  if (!type) return element.dataType === undefined ? [element] : [];
  const children = element.children.flatMap((each) => {
    const field = type.byName.get(each.name);
    return field ? knownPart(each, field.type) : [];
  });
  return [withChildren(element, children)];
}
