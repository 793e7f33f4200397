import { bytes, nanoseconds, type DiskId, type MachineCounters, type NicId } from '@virt-drivers/core';

/** The performance counters that are asked for: group, name and rollup as vSphere writes them. */
export const COUNTERS = {
  cpu: 'cpu.used.summation',
  diskRead: 'virtualDisk.read.average',
  diskWritten: 'virtualDisk.write.average',
  diskReads: 'virtualDisk.numberReadAveraged.average',
  diskWrites: 'virtualDisk.numberWriteAveraged.average',
  received: 'net.received.average',
  sent: 'net.transmitted.average',
  packetsReceived: 'net.packetsRx.summation',
  packetsSent: 'net.packetsTx.summation',
  droppedReceived: 'net.droppedRx.summation',
  droppedSent: 'net.droppedTx.summation',
} as const;

/** A name of ours for a counter. */
export type CounterName = keyof typeof COUNTERS;

/** One counter of one device over the whole time since the machine started. */
export interface Series {
  readonly counter: CounterName;
  /** `scsi0:1` of a disk, the key of a nic's device; empty for the machine. */
  readonly instance: string;
  /** One value per sample; negative where there is none. */
  readonly values: readonly bigint[];
}

/** What is known of a machine at one moment. */
export interface CountedMachine {
  readonly at: Date;
  readonly uptimeSeconds?: number | undefined;
  readonly memoryMebibytes?: number | undefined;
  readonly disks: readonly { readonly disk: DiskId; readonly instance: string | undefined }[];
  readonly nics: readonly { readonly nic: NicId; readonly instance: string }[];
  readonly series: readonly Series[];
  /** Seconds that one sample is about. */
  readonly interval: number;
}

const MEBIBYTE = 1_048_576n;
const KIBIBYTE = 1_024n;
const SECOND = 1_000_000_000n;
const MILLISECOND = 1_000_000n;

/**
 * The contract's totals. vSphere has no totals but what each of its samples saw: an amount (`summation`) or an amount per
 * second (`average`); their sum is the total when the samples reach back to the start.
 */
export function toCounters(machine: CountedMachine): MachineCounters {
  const { at, uptimeSeconds, memoryMebibytes } = machine;
  const total = (counter: CounterName, instance: string, unit = 1n): bigint | undefined =>
    totalOf(machine, counter, instance, unit);
  const cpu = total('cpu', '', MILLISECOND);
  return {
    at,
    ...(uptimeSeconds !== undefined && { uptime: nanoseconds(BigInt(uptimeSeconds) * SECOND) }),
    ...(cpu !== undefined && { cpuTime: nanoseconds(cpu) }),
    ...(memoryMebibytes !== undefined && { memoryUsedBytes: bytes(BigInt(memoryMebibytes) * MEBIBYTE) }),
    disks: machine.disks.map(({ disk, instance = '' }) => ({
      disk,
      ...inBytes('readBytes', total('diskRead', instance, KIBIBYTE)),
      ...inBytes('writtenBytes', total('diskWritten', instance, KIBIBYTE)),
      ...counted('readOperations', total('diskReads', instance)),
      ...counted('writeOperations', total('diskWrites', instance)),
    })),
    nics: machine.nics.map(({ nic, instance }) => ({
      nic,
      ...inBytes('receivedBytes', total('received', instance, KIBIBYTE)),
      ...inBytes('sentBytes', total('sent', instance, KIBIBYTE)),
      ...counted('receivedPackets', total('packetsReceived', instance)),
      ...counted('sentPackets', total('packetsSent', instance)),
      ...counted('dropped', sum([total('droppedReceived', instance), total('droppedSent', instance)])),
    })),
  };
}

function totalOf(
  { series, interval }: CountedMachine,
  counter: CounterName,
  instance: string,
  unit: bigint,
): bigint | undefined {
  const found = series.find((one) => one.counter === counter && one.instance === instance);
  if (!found) return undefined;
  const seen = found.values.filter((value) => value >= 0n);
  if (seen.length === 0) return undefined;
  const seconds = COUNTERS[counter].endsWith('.average') ? BigInt(interval) : 1n;
  return seen.reduce((all, value) => all + value, 0n) * seconds * unit;
}

const sum = (parts: readonly (bigint | undefined)[]): bigint | undefined => {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((all, part) => all + part, 0n);
};

const inBytes = <K extends string>(key: K, value: bigint | undefined) =>
  value === undefined ? {} : { [key]: bytes(value) };
const counted = <K extends string>(key: K, value: bigint | undefined) => (value === undefined ? {} : { [key]: value });
