import { networkId, type DiskFormat } from '@virt-drivers/core';
import { backingTree, driverType, type Link } from '../convert/disk-xml.js';
import { sourceTree, storeType } from '../convert/disk-source.js';
import { diskElements, nicElements } from '../convert/machine-xml.js';
import { parseNetwork } from '../convert/nic-xml.js';
import { append, attribute, child, children, remove, tree, type Element } from '../convert/xml.js';

/** What is different about a machine on its new host. */
export interface Rewriting {
  /** Chain of each disk there, by libvirt's name of the disk. */
  readonly chains: ReadonlyMap<string, readonly Link[]>;
  /** Network of each nic there, by MAC address. */
  readonly networks: ReadonlyMap<string, string>;
  readonly consoleLog?: string;
}

/** Changes a domain's document into the destination's; what we do not know in it stays. */
export function rewriteDomain(document: Element, rewriting: Rewriting): void {
  for (const element of diskElements(document)) {
    const chain = rewriting.chains.get(attribute(element, 'dev', 'target') ?? '');
    if (chain) rewriteDisk(element, chain);
  }
  for (const element of nicElements(document)) {
    const network = rewriting.networks.get(attribute(element, 'address', 'mac') ?? '');
    if (network !== undefined) rewriteNic(element, network);
  }
  for (const kind of ['serial', 'console']) {
    for (const port of children(child(document, 'devices'), kind)) rewriteLog(port, rewriting.consoleLog);
  }
}

function rewriteDisk(element: Element, [own, ...rest]: readonly Link[]): void {
  if (!own) return;
  for (const name of ['source', 'backingStore', 'mirror']) children(element, name).forEach(remove);
  element.setAttribute('type', storeType(own.store));
  child(element, 'driver')?.setAttribute('type', driverType(own.format satisfies DiskFormat));
  append(element, sourceTree(own.path, own.store));
  append(element, backingTree(rest));
}

function rewriteNic(element: Element, network: string): void {
  const { type, name } = parseNetwork(networkId(network));
  // The old host's port and tap device mean nothing on the new one.
  for (const old of ['source', 'target']) children(element, old).forEach(remove);
  element.setAttribute('type', type);
  if (type !== 'user') append(element, tree('source', { [type]: name }));
}

function rewriteLog(port: Element, file: string | undefined): void {
  const log = child(port, 'log');
  if (!log) return;
  if (file === undefined) remove(log);
  else log.setAttribute('file', file);
}
