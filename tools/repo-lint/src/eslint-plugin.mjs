// Lint rules of this repository.
import { forbidden, isTestFile, ownerOf, packagesIn, targetOf } from './import-rule.mjs';
import { wholeFacet } from './whole-facet.mjs';

const banned = new Set(['utils', 'helpers', 'common', 'types', 'misc', 'constants', 'util', 'helper', 'shared']);

const importRule = (root) => {
  const packages = packagesIn(root);
  return {
    meta: { type: 'problem', schema: [] },
    create(context) {
      const owner = ownerOf(packages, context.filename);
      const test = isTestFile(context.filename);
      const check = (node) => {
        if (!owner || typeof node?.value !== 'string') return;
        const target = targetOf(packages, context.filename, node.value);
        const reason = target && forbidden(owner, target, { test });
        if (reason) context.report({ node, message: `${reason}.` });
        if (target && target !== owner && node.value.startsWith('.') && owner.kind !== 'tool') {
          context.report({ node, message: `Import ${target.name} by its name, not by a path into its folder.` });
        }
      };
      return {
        ImportDeclaration: (node) => check(node.source),
        ExportNamedDeclaration: (node) => check(node.source),
        ExportAllDeclaration: (node) => check(node.source),
        ImportExpression: (node) => check(node.source),
        TSImportType: (node) => check(node.source ?? node.argument?.literal),
      };
    },
  };
};

const fileName = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    return {
      Program(node) {
        const [stem] = context.filename.split(/[\\/]/).pop().split('.');
        if (banned.has(stem))
          context.report({ node, message: `"${stem}" names no thing; name the file after its noun.` });
        if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) {
          context.report({ node, message: `${stem}: file names are kebab-case.` });
        }
      },
    };
  },
};

/** @param {string} root the workspace root */
export const repoPlugin = (root) => ({
  meta: { name: 'virt-drivers' },
  rules: { 'import-rule': importRule(root), 'file-name': fileName, 'whole-facet': wholeFacet(root) },
});
