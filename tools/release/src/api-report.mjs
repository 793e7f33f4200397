// What changed between two API reports: nothing, additions only, or something that a user may rely on.
import ts from 'typescript';
import { receivedTypes } from './received-types.mjs';
import { hasGrown } from './type-growth.mjs';

const printer = ts.createPrinter({ removeComments: true });
const codeOf = (report) => /```ts\n([\s\S]*)\n```/.exec(report)?.[1] ?? '';

/** The statements of a report by name; imports say nothing about the API. */
function declarationsOf(report) {
  const source = ts.createSourceFile('report.ts', codeOf(report), ts.ScriptTarget.Latest, true);
  const declarations = new Map();
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) continue;
    const text = printer.printNode(ts.EmitHint.Unspecified, statement, source);
    const name = statement.name?.text ?? text;
    const key = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0].name.getText() : name;
    declarations.set(key, [...(declarations.get(key) ?? []), { node: statement, source, text }]);
  }
  return declarations;
}

/** The members of what has members, and the rest of its text; undefined for what has none. */
function shapeOf({ node, source, text }) {
  const body = ts.isTypeAliasDeclaration(node) ? node.type : node;
  if (!ts.isInterfaceDeclaration(body) && !ts.isClassDeclaration(body) && !ts.isTypeLiteralNode(body)) return undefined;
  const members = body.members.map((member) => ({
    member,
    text: printer.printNode(ts.EmitHint.Unspecified, member, source),
  }));
  const head = members.reduce((rest, member) => rest.replace(member.text, ''), text.replace(/\s+/g, ' '));
  return { head: head.slice(0, head.indexOf('{')), members, isClass: ts.isClassDeclaration(body) };
}

/** Drivers implement interfaces and make values of them, so a new member breaks them unless it is optional. */
function mayBeAdded({ member }, isClass) {
  if (!isClass) return member.questionToken !== undefined;
  const isAbstract = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword);
  return !isAbstract && !ts.isConstructorDeclaration(member);
}

const textsOf = (list) => list.map(({ text }) => text);
const missingFrom = (list, other) => list.filter(({ text }) => !textsOf(other).includes(text));

// A member that may have more values than before is the same member.
const hasWider = ({ member }, others, isReceived) =>
  others.some(
    ({ member: other }) => other.name?.getText() === member.name?.getText() && hasGrown(member, other, { isReceived }),
  );

/** The one value or type that a statement declares, if it has no members to look at. */
function typeOf({ node }) {
  if (ts.isVariableStatement(node)) return { type: node.declarationList.declarations[0].type, isValue: true };
  return ts.isTypeAliasDeclaration(node) ? { type: node.type, isValue: false } : {};
}

function isWider(before, after, isReceived) {
  const [old, now] = [typeOf(before), typeOf(after)];
  if (old.type === undefined || now.type === undefined) return false;
  return hasGrown(old.type, now.type, { isValue: old.isValue, isReceived });
}

function isAddition(before, after, isReceived) {
  // Overloads: one more is an addition, and each of the old ones must still be there.
  if (missingFrom(before, after).length === 0) return true;
  if (before.length > 1 || after.length > 1) return false;
  if (isWider(before[0], after[0], isReceived)) return true;
  const [old, now] = [shapeOf(before[0]), shapeOf(after[0])];
  if (!old || !now || old.head !== now.head) return false;
  if (missingFrom(old.members, now.members).some((member) => !hasWider(member, now.members, isReceived))) return false;
  const isNew = ({ member }) => !old.members.some((each) => each.member.name?.getText() === member.name?.getText());
  return missingFrom(now.members, old.members).every(
    (member) =>
      (!isNew(member) && old.members.some((each) => hasWider(each, [member], isReceived))) ||
      mayBeAdded(member, now.isClass),
  );
}

/**
 * Compares two reports of api-extractor, as texts.
 * @returns {{change: 'none' | 'additions' | 'breaking', names: string[]}} the names that decide
 */
export function compareReports(before, after) {
  const [old, now] = [declarationsOf(before), declarationsOf(after)];
  const same = (name) => now.has(name) && textsOf(old.get(name)).join('\n') === textsOf(now.get(name)).join('\n');
  const changed = [...old.keys()].filter((name) => !same(name));
  const received = receivedTypes(old);
  const breaking = changed.filter(
    (name) => !now.has(name) || !isAddition(old.get(name), now.get(name), received.has(name)),
  );
  const added = [...changed, ...[...now.keys()].filter((name) => !old.has(name))];
  if (breaking.length > 0) return { change: 'breaking', names: breaking };
  return added.length > 0 ? { change: 'additions', names: added } : { change: 'none', names: [] };
}
