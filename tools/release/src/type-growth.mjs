// Types that only got more: a vocabulary of names, or a value with more in it.
import ts from 'typescript';

const printer = ts.createPrinter({ removeComments: true });
const textOf = (node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
const partsOf = (type) => (ts.isUnionTypeNode(type) ? [...type.types] : [type]);

const tagsOf = (part) =>
  (ts.isTypeLiteralNode(part) ? part.members : []).filter(
    (member) => !member.questionToken && member.type && ts.isLiteralTypeNode(member.type),
  );

// `{ kind: 'x', … }` among several that all have a literal as their kind: a name as well, with what belongs to it.
const isNewVariant = (part, before) =>
  before.length > 1 &&
  tagsOf(part).some((tag) =>
    before.every((old) =>
      tagsOf(old).some(
        (other) => other.name.getText() === tag.name.getText() && textOf(other.type) !== textOf(tag.type),
      ),
    ),
  );

// More names: who reads them is told to expect names that are not known yet. More types would be another matter, and so are
// more variants where others take them: they tell them apart, and have nothing to do with one that they do not know.
function hasMoreNames(before, after, { isReceived }) {
  const added = partsOf(after);
  for (const part of partsOf(before)) {
    const same = added.findIndex((other) => textOf(part) === textOf(other) || hasMoreOptions(part, other));
    if (same < 0) return false;
    added.splice(same, 1);
  }
  return added.every((part) => ts.isLiteralTypeNode(part) || (!isReceived && isNewVariant(part, partsOf(before))));
}

const modifiersOf = (member) => `${member.modifiers?.map(textOf).join(' ')}${member.questionToken ? '?' : ''}`;

// An object that others make may get members only if it can do without them, and so may what is in it.
function hasMoreOptions(before, after) {
  if (!ts.isTypeLiteralNode(before) || !ts.isTypeLiteralNode(after)) return false;
  const kept = before.members.map((old) =>
    after.members.find((now) => textOf(old) === textOf(now) || hasMoreWithin(old, now)),
  );
  return !kept.includes(undefined) && after.members.every((member) => kept.includes(member) || member.questionToken);
}

const hasMoreWithin = (old, now) =>
  [old, now].every((member) => ts.isPropertySignature(member) && member.type) &&
  old.name.getText() === now.name.getText() &&
  modifiersOf(old) === modifiersOf(now) &&
  hasMoreOptions(old.type, now.type);

function hasMoreMembers(before, after) {
  return before.members.every((member) => {
    const same = after.members.find((other) => other.name?.getText() === member.name?.getText());
    return same !== undefined && hasGrown(member, same, { isValue: true });
  });
}

// `Driver<{ … }>`: a value of ours that is described by a literal, as a driver is by its manifest.
function ofMore(before, after) {
  const [old, now] = [before.typeArguments ?? [], after.typeArguments ?? []];
  if (textOf(before.typeName) !== textOf(after.typeName) || old.length !== now.length) return false;
  return old.every((each, index) => hasGrown(each, now[index], { isValue: true }));
}

/**
 * Whether a type, or a property, is the same or only got more.
 * @param {{isValue?: boolean, isReceived?: boolean}} options `isValue`: it is the type of a value of ours, which nobody else
 *   makes; `isReceived`: code of others is handed it
 */
export function hasGrown(before, after, { isValue = false, isReceived = false } = {}) {
  if (textOf(before) === textOf(after)) return true;
  if (ts.isPropertySignature(before) && ts.isPropertySignature(after)) {
    if (modifiersOf(before) !== modifiersOf(after) || !before.type || !after.type) return false;
    return hasGrown(before.type, after.type, { isValue, isReceived });
  }
  if (isValue && ts.isTypeLiteralNode(before) && ts.isTypeLiteralNode(after)) return hasMoreMembers(before, after);
  if (isValue && ts.isTypeReferenceNode(before) && ts.isTypeReferenceNode(after)) return ofMore(before, after);
  return ts.isTypeNode(before) && ts.isTypeNode(after) && hasMoreNames(before, after, { isReceived });
}
