// Who must agree to a change of a package follows from the package itself, so that a new driver has owners at once.
import { areasIn, codeowners } from '../../slots/src/areas.mjs';
import { textOf } from './tree.mjs';

const file = '.github/CODEOWNERS';

export function checkOwners(root) {
  return textOf(root, file) === codeowners(areasIn(root))
    ? []
    : [`${file} does not fit the packages; run: node tools/slots/main.mjs owners --write`];
}
