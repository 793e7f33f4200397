// docs/errors.md explains exactly the codes that exist, with the traits they have.
import { textOf } from './tree.mjs';

const source = 'packages/core/src/errors/codes.ts';
const page = 'docs/errors.md';

/** The codes of the table in core, in its order. */
export const codesIn = (text) => [...text.matchAll(/^ {2}'([A-Z_]+\.[A-Z_]+)':/gm)].map((match) => match[1]);

/** The codes that the page has a section for. */
export const sectionsIn = (text) => [...text.matchAll(/^## ([A-Z_]+\.[A-Z_]+)$/gm)].map((match) => match[1]);

export function checkErrorReference(root) {
  const codes = codesIn(textOf(root, source));
  const sections = sectionsIn(textOf(root, page));
  if (codes.length === 0) return [`${source} has no error codes that this check can read.`];
  return [
    ...codes.filter((code) => !sections.includes(code)).map((code) => `${page} does not explain ${code}.`),
    ...sections
      .filter((code) => !codes.includes(code))
      .map((code) => `${page} explains ${code}, which does not exist.`),
    ...sections
      .filter((code, index) => sections.indexOf(code) !== index)
      .map((code) => `${page} explains ${code} twice.`),
  ];
}
