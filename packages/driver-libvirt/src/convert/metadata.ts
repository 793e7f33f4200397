import type { BootSpec, Json, MachineRecord, MachineRecordInput } from '@virt-drivers/core';
import { attribute, children, parseXml, toXml, tree, type Element, type Tree } from './xml.js';

/** Namespace of what the driver notes about its own machines. */
export const MACHINE_NAMESPACE = 'urn:virt-drivers:machine:1';
/** Namespace of the caller's record. */
export const RECORD_NAMESPACE = 'urn:virt-drivers:record:1';
/** Prefix under which libvirt writes our elements. */
export const RECORD_PREFIX = 'vdr';

/** What the driver notes about a machine that it made. */
export interface MachineNote {
  readonly createdAt?: Date;
  readonly clientToken?: string;
  /** Hash of the spec that the machine was made from. */
  readonly specHash?: string;
  readonly bootOrder?: BootSpec['order'];
}

export function noteTree({ createdAt, clientToken, specHash, bootOrder }: MachineNote): Tree {
  const attributes = {
    created: createdAt?.toISOString(),
    token: clientToken,
    spec: specHash,
    boot: bootOrder?.join(','),
  };
  return { ...tree('vdm:machine', attributes), namespace: MACHINE_NAMESPACE };
}

export function readNote(domain: Element): MachineNote {
  const element = metadataElement(domain, MACHINE_NAMESPACE);
  const created = attribute(element, 'created');
  const clientToken = attribute(element, 'token');
  const specHash = attribute(element, 'spec');
  const boot = attribute(element, 'boot');
  return {
    ...(created === undefined ? {} : { createdAt: new Date(created) }),
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(specHash === undefined ? {} : { specHash }),
    // Written by `noteTree`, from values of that type.
    ...(boot === undefined ? {} : { bootOrder: boot.split(',').filter(Boolean) as NonNullable<BootSpec['order']> }),
  };
}

/** JSON text that XML carries as it is: the two noncharacters that XML forbids are the only ones JSON leaves in. */
export const recordText = (body: Json): string =>
  JSON.stringify(body).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

/** The record within a domain's document. */
export const recordTree = (record: MachineRecordInput, revision: string): Tree => ({
  ...tree(`${RECORD_PREFIX}:record`, { owner: record.owner, revision }, recordText(record.body)),
  namespace: RECORD_NAMESPACE,
});

/** The record as virDomainSetMetadata wants it: libvirt adds prefix and namespace itself. */
export const recordXml = (record: MachineRecordInput, revision: string): string =>
  toXml(tree('record', { owner: record.owner, revision }, recordText(record.body)));

/** Reads what virDomainGetMetadata gives. */
export const readRecordXml = (xml: string): MachineRecord | undefined => readRecord(parseXml(xml));

export function readRecord(element: Element): MachineRecord | undefined {
  const owner = attribute(element, 'owner');
  const revision = attribute(element, 'revision');
  if (owner === undefined || revision === undefined) return undefined;
  return { owner, revision, body: JSON.parse(element.textContent) as Json };
}

/** Owner of the record in a domain's document. */
export const recordOwner = (domain: Element): string | undefined =>
  attribute(metadataElement(domain, RECORD_NAMESPACE), 'owner');

function metadataElement(domain: Element, namespace: string): Element | undefined {
  return children(children(domain, 'metadata')[0]).find((element) => element.namespaceURI === namespace);
}
