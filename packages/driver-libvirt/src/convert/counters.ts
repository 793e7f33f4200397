import { bytes, nanoseconds, type DiskId, type MachineCounters, type NicId } from '@virt-drivers/core';
import type { ParameterRecord } from '@virt-drivers/libvirt';

type DiskCounters = MachineCounters['disks'][number];
type NicCounters = MachineCounters['nics'][number];

/** Which of libvirt's devices are which of ours. */
export interface Devices {
  /** By libvirt's name of the place, `vda`. */
  disk(target: string): DiskId | undefined;
  /** By the order of the document, which is that of the statistics. */
  nic(index: number): NicId | undefined;
}

/** libvirt's statistics of one machine. https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats */
export function toCounters(stats: ParameterRecord, devices: Devices, at: Date): MachineCounters {
  const number = (name: string): bigint | undefined => {
    const value = stats[name];
    return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : undefined;
  };
  const cpuTime = number('cpu.time');
  const resident = number('balloon.rss');
  return {
    at,
    ...(cpuTime === undefined ? {} : { cpuTime: nanoseconds(cpuTime) }),
    ...(resident === undefined ? {} : { memoryUsedBytes: bytes(resident * 1024n) }),
    disks: indexes(number('block.count')).flatMap((index) => {
      const target = stats[`block.${index}.name`];
      const disk = typeof target === 'string' ? devices.disk(target) : undefined;
      return disk === undefined ? [] : [toDisk(disk, (name) => number(`block.${index}.${name}`))];
    }),
    nics: indexes(number('net.count')).flatMap((index) => {
      const nic = devices.nic(index);
      return nic === undefined ? [] : [toNic(nic, (name) => number(`net.${index}.${name}`))];
    }),
  };
}

const indexes = (count: bigint | undefined): readonly number[] =>
  Array.from({ length: Number(count ?? 0n) }, (_, index) => index);

type Read = (name: string) => bigint | undefined;

function toDisk(disk: DiskId, read: Read): DiskCounters {
  const [readBytes, writtenBytes] = [read('rd.bytes'), read('wr.bytes')];
  const [readOperations, writeOperations, errors] = [read('rd.reqs'), read('wr.reqs'), read('errors')];
  return {
    disk,
    ...(readBytes === undefined ? {} : { readBytes: bytes(readBytes) }),
    ...(writtenBytes === undefined ? {} : { writtenBytes: bytes(writtenBytes) }),
    ...(readOperations === undefined ? {} : { readOperations }),
    ...(writeOperations === undefined ? {} : { writeOperations }),
    ...(errors === undefined ? {} : { errors }),
  };
}

function toNic(nic: NicId, read: Read): NicCounters {
  const [receivedBytes, sentBytes] = [read('rx.bytes'), read('tx.bytes')];
  const [receivedPackets, sentPackets] = [read('rx.pkts'), read('tx.pkts')];
  const drops = [read('rx.drop'), read('tx.drop')].filter((one) => one !== undefined);
  return {
    nic,
    ...(receivedBytes === undefined ? {} : { receivedBytes: bytes(receivedBytes) }),
    ...(sentBytes === undefined ? {} : { sentBytes: bytes(sentBytes) }),
    ...(receivedPackets === undefined ? {} : { receivedPackets }),
    ...(sentPackets === undefined ? {} : { sentPackets }),
    ...(drops.length === 0 ? {} : { dropped: drops.reduce((sum, one) => sum + one, 0n) }),
  };
}
