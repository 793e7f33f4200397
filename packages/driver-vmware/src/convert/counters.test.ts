import { expect, test } from '@jest/globals';
import { diskId, nicId } from '@virt-drivers/core';
import { toCounters, type CounterName } from './counters.js';

const at = new Date('2026-03-01T10:00:00Z');
const series = (counter: CounterName, instance: string, ...values: bigint[]) => ({ counter, instance, values });
const disk = diskId('disk-2000');
const nic = nicId('nic-00:50:56:00:00:01');
const devices = { disks: [{ disk, instance: 'scsi0:1' }], nics: [{ nic, instance: '4000' }] };

test('amounts add up, rates count for the seconds of their sample, and samples that are missing count nothing', () => {
  const counters = toCounters({
    at,
    uptimeSeconds: 65,
    memoryMebibytes: 3,
    ...devices,
    interval: 20,
    series: [
      series('cpu', '', 100n, 50n, -1n),
      series('cpu', '0', 7n),
      series('diskRead', 'scsi0:1', 2n, 3n),
      series('diskWritten', 'scsi0:2', 9n),
      series('diskReads', 'scsi0:1', 4n, -1n),
      series('received', '4000', 1n),
      series('packetsSent', '4000', 8n, 9n),
      series('droppedReceived', '4000', 1n),
      series('droppedSent', '4000', 2n),
    ],
  });
  expect(counters).toEqual({
    at,
    uptime: 65_000_000_000n,
    cpuTime: 150_000_000n,
    memoryUsedBytes: 3_145_728n,
    disks: [{ disk, readBytes: 102_400n, readOperations: 80n }],
    nics: [{ nic, receivedBytes: 20_480n, sentPackets: 17n, dropped: 3n }],
  });
});

test('what was not sampled is absent and never 0', () => {
  const counters = toCounters({ at, ...devices, interval: 20, series: [series('cpu', '', -1n)] });
  expect(counters).toEqual({ at, disks: [{ disk }], nics: [{ nic }] });
});
