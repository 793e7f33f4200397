import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPrograms, PeerUnavailable } from '@virt-drivers/peers';
import { dataType, enumeration, methodNamed, type Field } from '../src/schema/schema.js';

/** VMware's own schemas, in Debian's python3-oslo.vmware. Our tables are of 6.7.1, of which the schemas of 6.7 lack parts. */
const SCHEMAS = '/usr/lib/python3/dist-packages/oslo_vmware/wsdl/7.0';
const XSD = 'http://www.w3.org/2001/XMLSchema';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Judges requests by VMware's schemas, with libxml2. */
export interface RequestValidator {
  /** What is wrong with them, as `index: problem`. */
  problems(service: 'vim25' | 'pbm', requests: readonly string[]): Promise<readonly string[]>;
}

/** @throws PeerUnavailable where Debian's packages are not installed. */
export function requestValidator(): RequestValidator {
  const missing = missingPrograms(['xmllint']);
  if (missing.length > 0 || !existsSync(join(SCHEMAS, 'vim-types.xsd')))
    throw new PeerUnavailable(
      "validation by VMware's schemas",
      'libxml2-utils or python3-oslo.vmware is not installed',
      'Run `npm run setup` as root.',
    );
  return {
    async problems(service, requests) {
      const directory = await mkdtemp(join(tmpdir(), 'vsphere-xsd-'));
      try {
        await writeFile(join(directory, 'all.xsd'), rootSchema(service));
        const names = new Set(requests.map((request) => /^<(\w+)/.exec(bodyOf(request))?.[1] ?? ''));
        await writeFile(join(directory, 'schema.xsd'), service === 'pbm' ? pbmSchema(names) : vimSchema(names));
        // A request a line: the validator tells lines.
        const lines = requests.map((request) => bodyOf(request).replaceAll('\n', '&#10;'));
        const root = `<t:requests xmlns:t="urn:requests" xmlns:xsd="${XSD}" xmlns:xsi="${XSI}">`;
        await writeFile(join(directory, 'requests.xml'), [root, ...lines, '</t:requests>'].join('\n'));
        return await lint(directory);
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  };
}

const bodyOf = (request: string) => /<soapenv:Body>(.*)<\/soapenv:Body>/s.exec(request)?.[1] ?? '';

function lint(cwd: string): Promise<string[]> {
  const args = ['--noout', '--huge', '--nonet', '--schema', 'all.xsd', 'requests.xml'];
  return new Promise((resolve, reject) => {
    execFile('xmllint', args, { cwd, maxBuffer: 1 << 26, timeout: 120_000 }, (error, _, stderr) => {
      const found = [...stderr.matchAll(/^requests\.xml:(\d+): (.*)$/gm)].map(
        ([, line, problem]) => `${Number(line) - 2}: ${problem}`,
      );
      // Anything but valid and invalid is a failure of the test itself.
      if (error && found.length === 0) reject(new Error(stderr.slice(0, 2_000)));
      else resolve(found);
    });
  });
}

/** The validator reads one file for each namespace, the first that it is told. */
const rootSchema = (
  service: 'vim25' | 'pbm',
) => `<schema xmlns="${XSD}" targetNamespace="urn:requests" elementFormDefault="qualified">
${service === 'pbm' ? `<import namespace="urn:vim25" schemaLocation="${SCHEMAS}/vim-types.xsd"/>` : ''}
<import namespace="urn:${service}" schemaLocation="schema.xsd"/>
<element name="requests"><complexType><sequence><any processContents="strict" maxOccurs="unbounded"/></sequence></complexType></element></schema>`;

const schemaOf = (service: string, file: string, elements: readonly string[]) =>
  `<schema xmlns="${XSD}" xmlns:xsd="${XSD}" xmlns:v="urn:${service}" targetNamespace="urn:${service}" elementFormDefault="qualified">
<include schemaLocation="${SCHEMAS}/${file}"/>${elements.join('\n')}</schema>`;

function pbmSchema(names: ReadonlySet<string>): string {
  const elements = [...names].map((name) => `<element name="${name}" type="v:${name}RequestType"/>`);
  return schemaOf('pbm', 'pbm-messagetypes.xsd', elements);
}

/** These schemas have no messages, so that the elements of methods come from our tables, and all below from VMware. */
function vimSchema(names: ReadonlySet<string>): string {
  const elements = [...names].map((name) => {
    const parameters = (methodNamed(name)?.parameters ?? []).map(element).join('');
    const self = '<element name="_this" type="v:ManagedObjectReference"/>';
    return `<element name="${name}"><complexType><sequence>${self}${parameters}</sequence></complexType></element>`;
  });
  return schemaOf('vim25', 'vim-types.xsd', elements);
}

function element({ name, type, array, optional }: Field): string {
  const own = dataType(type) || enumeration(type) ? `v:${type}` : `xsd:${type === 'any' ? 'anyType' : type}`;
  const declared = type.startsWith('@') ? 'v:ManagedObjectReference' : own;
  const often = array ? 'maxOccurs="unbounded" ' : '';
  return `<element name="${name}" type="${declared}" ${often}${optional || array ? 'minOccurs="0"' : ''}/>`;
}
