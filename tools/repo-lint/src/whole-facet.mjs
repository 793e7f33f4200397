// A driver's facet is what its capabilities say. `Required<Hosts>` would be all of the contract's, and lack whatever is added.
import { isTestFile, ownerOf, packagesIn } from './import-rule.mjs';

const CORE = '@virt-drivers/core';
const facets = new Set([
  ...['Hosts', 'Machines', 'Power', 'Volumes', 'Disks', 'Nics', 'Events', 'Suspension', 'Snapshots', 'Consoles'],
  ...['Guest', 'Migration', 'Images', 'Diagnostics', 'Maintenance', 'Passthrough', 'Shares', 'Encryption'],
  ...['RemoteVolumes', 'Tasks'],
]);

const nameOf = (type) => (type?.type === 'TSTypeReference' ? type.typeName.name : undefined);
const firstOf = (type) => (type?.typeArguments ?? type?.typeParameters)?.params[0];

/** The interface that is left whole: of `Required<Hosts>`, and of `Required<Omit<Hosts, 'usage'>>`. */
const wholeIn = (type) => nameOf(nameOf(firstOf(type)) === 'Omit' ? firstOf(firstOf(type)) : firstOf(type));

/** @param {string} root the workspace root */
export const wholeFacet = (root) => {
  const packages = packagesIn(root);
  return {
    meta: { type: 'problem', schema: [] },
    create(context) {
      if (ownerOf(packages, context.filename)?.kind !== 'driver' || isTestFile(context.filename)) return {};
      const ofCore = new Set();
      return {
        ImportDeclaration({ source, specifiers }) {
          if (source.value === CORE) for (const { local } of specifiers) ofCore.add(local.name);
        },
        TSTypeReference(node) {
          const facet = nameOf(node) === 'Required' ? wholeIn(node) : undefined;
          if (!facets.has(facet) || !ofCore.has(facet)) return;
          const name = `${facet[0].toLowerCase()}${facet.slice(1)}`;
          const message = `A member that the contract gets would be missing here: write FacetAs<'${name}', typeof capabilities.${name}>.`;
          context.report({ node, message });
        },
      };
    },
  };
};
