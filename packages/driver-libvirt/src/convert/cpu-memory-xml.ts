import { bytes, DriverError } from '@virt-drivers/core';
import type { Bytes, CpuSpec, MemorySpec } from '@virt-drivers/core';
import { attribute, child, textAt, tree, type Element, type Tree } from './xml.js';

/** Period of the processor quota in microseconds: long enough to be exact, short enough to be smooth. */
const PERIOD = 100_000;
/** The kernel's weight of a group of processes that nobody changed. */
const USUAL_SHARES = 1024;

const UNITS: Readonly<Record<string, bigint>> = {
  b: 1n,
  bytes: 1n,
  KB: 1000n,
  k: 1024n,
  KiB: 1024n,
  MB: 1000n ** 2n,
  M: 1024n ** 2n,
  MiB: 1024n ** 2n,
  GB: 1000n ** 3n,
  G: 1024n ** 3n,
  GiB: 1024n ** 3n,
  TB: 1000n ** 4n,
  T: 1024n ** 4n,
  TiB: 1024n ** 4n,
};

/** A number of bytes with libvirt's unit, `KiB` for memory when it names none. */
export function readSize(element: Element | undefined, usualUnit = 'KiB'): Bytes {
  const unit = UNITS[attribute(element, 'unit') ?? usualUnit] ?? 1n;
  return bytes(BigInt((element?.textContent ?? '0').trim()) * unit);
}

export function memoryTrees({ sizeBytes, maximumBytes = sizeBytes }: MemorySpec): Tree[] {
  return [
    tree('memory', { unit: 'KiB' }, kibibytes(maximumBytes)),
    tree('currentMemory', { unit: 'KiB' }, kibibytes(sizeBytes)),
  ];
}

/** Rounded up: libvirt counts memory in KiB. */
export const kibibytes = (size: bigint): bigint => (size + 1023n) / 1024n;

export function readMemory(domain: Element): MemorySpec {
  const maximumBytes = readSize(child(domain, 'memory'));
  const current = child(domain, 'currentMemory');
  const sizeBytes = current ? readSize(current) : maximumBytes;
  return { sizeBytes, ...(maximumBytes === sizeBytes ? {} : { maximumBytes }) };
}

export const vcpuTree = ({ count, maximumCount = count }: CpuSpec): Tree =>
  tree('vcpu', { placement: 'static', current: maximumCount === count ? undefined : count }, maximumCount);

export function cputuneTree({ weight, limitMillicores }: CpuSpec): Tree | undefined {
  if (weight === undefined && limitMillicores === undefined) return undefined;
  return tree(
    'cputune',
    {},
    weight === undefined ? undefined : tree('shares', {}, Math.max(2, Math.round((weight * USUAL_SHARES) / 1000))),
    limitMillicores === undefined ? undefined : tree('global_period', {}, PERIOD),
    limitMillicores === undefined ? undefined : tree('global_quota', {}, (limitMillicores * PERIOD) / 1000),
  );
}

/** The topology covers the processors that may be hot-added; libvirt refuses anything else. */
export function topologyTree({ count, topology, maximumCount = count }: CpuSpec): Tree | undefined {
  if (!topology) return undefined;
  const sockets = (topology.sockets * maximumCount) / count;
  if (!Number.isInteger(sockets)) {
    const text = `maximumCount ${maximumCount} is no whole number of sockets of ${topology.cores * topology.threads} processors.`;
    throw new DriverError('REQUEST.INVALID', `Topology cannot be kept: ${text} Choose a multiple of count.`);
  }
  return tree('topology', { sockets, dies: 1, cores: topology.cores, threads: topology.threads });
}

export function readCpu(domain: Element): CpuSpec {
  const maximum = Number(textAt(domain, 'vcpu') ?? '1');
  const count = Number(attribute(domain, 'current', 'vcpu') ?? maximum);
  const shares = textAt(domain, 'cputune/shares');
  const quota = Number(textAt(domain, 'cputune/global_quota') ?? '0');
  const period = Number(textAt(domain, 'cputune/global_period') ?? PERIOD);
  const topology = readTopology(child(domain, 'cpu/topology'), count / maximum);
  return {
    count,
    ...(topology && { topology }),
    ...(maximum === count ? {} : { maximumCount: maximum }),
    ...(shares === undefined ? {} : { weight: Math.round((Number(shares) * 1000) / USUAL_SHARES) }),
    ...(quota > 0 ? { limitMillicores: Math.round((quota * 1000) / period) } : {}),
  };
}

function readTopology(element: Element | undefined, share: number): CpuSpec['topology'] {
  if (!element) return undefined;
  const number = (name: string): number => Number(attribute(element, name) ?? '1');
  const sockets = number('sockets') * number('dies') * share;
  return Number.isInteger(sockets) ? { sockets, cores: number('cores'), threads: number('threads') } : undefined;
}
