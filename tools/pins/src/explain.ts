import { subjectOf } from './pins-file.js';
import type { Pin, PinsFile } from './pins-schema.js';
import { failure } from './problem.js';

const line = (name: string, value: string | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : [`  ${name.padEnd(14)}${value}`];

function explainPin(pin: Pin): readonly string[] {
  const { provenance, source } = pin;
  return [
    `${subjectOf(pin)} is ${pin.state}: ${pin.reason}`,
    ...line('by', `${pin.by}, ${pin.at}`),
    ...Object.entries(pin.channels).flatMap(([channel, since]) => line(channel, `since ${since}`)),
    ...line('contract', pin.apiVersion),
    ...line('core', pin.coreRange),
    ...line(
      'hypervisors',
      pin.hypervisors.map(({ product, version, tier }) => `${product} ${version} (${tier})`).join(', '),
    ),
    ...pin.conformance.flatMap(({ suite, tier, target, gaps, digest }) =>
      line('proof', `${suite}, ${tier}, ${target}, ${gaps.length} known gap(s), report ${digest}`),
    ),
    ...line('source', [source?.repository, source?.commit].filter((part) => part !== undefined).join(' ')),
    ...line(
      'built by',
      provenance === undefined
        ? 'not attested'
        : `${provenance.repository} ${provenance.workflow} at ${provenance.ref}`,
    ),
    ...line('tarball', pin.integrity),
    ...line('files', pin.filesDigest),
  ];
}

/** Everything that is known about a package, for people. Throws `not-pinned` when that is nothing. */
export function explainPackage({ pins, blocks }: PinsFile, name: string): readonly string[] {
  const own = pins.filter((pin) => pin.package === name);
  const blocked = blocks.filter((block) => block.package === name);
  if (own.length + blocked.length === 0)
    throw failure('not-pinned', name, `${name} is neither pinned nor blocked. Pin it: virt pins add ${name}@<version>`);
  const why = blocked.map(
    ({ range, reason, fixedIn, by, at }) =>
      `${name} ${range} is blocked: ${reason}${fixedIn === undefined ? '' : ` Fixed in ${fixedIn}.`} (${by}, ${at})`,
  );
  return [...own.flatMap(explainPin), ...why];
}
