// Types that somebody else's code is handed: what a method of an interface, or a function that a value has, takes.
import ts from 'typescript';

// `export const open: (uri: string) => …` is a function of ours.
const isOurs = ({ parent }) => ts.isVariableDeclaration(parent);
const takesFromUs = (node) =>
  (ts.isMethodSignature(node) || ts.isFunctionTypeNode(node) || ts.isCallSignatureDeclaration(node)) && !isOurs(node);

function* nodesIn(node) {
  yield node;
  const children = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesIn(child);
}

// `Disk`, and of `core.Disk` both: a report names what it imports either way.
const namesIn = (node) =>
  [...nodesIn(node)]
    .filter((each) => ts.isTypeReferenceNode(each) || ts.isExpressionWithTypeArguments(each))
    .flatMap((each) => (each.typeName ?? each.expression).getText().split('.'));

/**
 * The declarations that are reached from such a parameter, directly or as part of another type. A report does not say which
 * interfaces are implemented by others, so all count; what our own functions and classes take does not.
 * @param {Map<string, {node: ts.Statement}[]>} declarations by name
 * @returns {Set<string>}
 */
export function receivedTypes(declarations) {
  const statements = [...declarations.values()].flat().map(({ node }) => node);
  const parameters = statements.flatMap((statement) => [...nodesIn(statement)].filter(takesFromUs));
  const found = new Set();
  const waiting = parameters.flatMap((member) => member.parameters.flatMap(namesIn));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || !declarations.has(name)) continue;
    found.add(name);
    waiting.push(...declarations.get(name).flatMap(({ node }) => namesIn(node)));
  }
  return found;
}
