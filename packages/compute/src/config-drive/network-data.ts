import { isIPv4, isIPv6 } from 'node:net';
import { DriverError, type Json } from '@virt-drivers/core';
import type { GuestAddress, GuestLink, GuestNetwork } from './content.js';

/**
 * The guest's networks in the form of OpenStack's `network_data.json`.
 * Errors: `REQUEST.INVALID` (an address that is none, a prefix that does not fit it).
 */
export function networkData({ links, dnsServers = [] }: GuestNetwork): Json {
  return {
    links: links.map((link, index) => linkData(link, index)),
    networks: links.flatMap(({ addresses }, link) =>
      addresses.map((address, index) => addressData(address, link, index)),
    ),
    services: dnsServers.map((address) => ({ type: 'dns', address: ip(address) })),
  };
}

function linkData({ macAddress, mtu }: GuestLink, index: number): Json {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(macAddress)) throw invalid(macAddress, 'is not a MAC address');
  return {
    id: `nic${index}`,
    type: 'phy',
    ethernet_mac_address: macAddress.toLowerCase(),
    ...(mtu !== undefined && { mtu }),
  };
}

function addressData(address: GuestAddress, link: number, index: number): Json {
  const place = { id: `network${link}-${index}`, link: `nic${link}` };
  if (address.kind !== 'static') return { ...place, type: address.kind === 'dhcp4' ? 'ipv4_dhcp' : 'ipv6_dhcp' };
  const version = isIPv4(ip(address.address)) ? 4 : 6;
  const longest = version === 4 ? 32 : 128;
  const { prefixLength, gateway } = address;
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > longest) {
    throw invalid(`${address.address}/${prefixLength}`, `has a prefix that is not 0 to ${longest}`);
  }
  const netmask = version === 4 ? netmask4(prefixLength) : String(prefixLength);
  return {
    ...place,
    type: `ipv${version}`,
    ip_address: address.address,
    netmask,
    routes: gateway === undefined ? [] : [defaultRoute(version, ip(gateway))],
  };
}

const defaultRoute = (version: 4 | 6, gateway: string): Json =>
  version === 4 ? { network: '0.0.0.0', netmask: '0.0.0.0', gateway } : { network: '::', netmask: '::', gateway };

function netmask4(prefixLength: number): string {
  const mask = prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.');
}

function ip(text: string): string {
  if (isIPv4(text) || isIPv6(text)) return text;
  throw invalid(text, 'is not an IP address');
}

const invalid = (what: string, why: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Guest network ${JSON.stringify(what)} ${why}.`, { subject: what });
