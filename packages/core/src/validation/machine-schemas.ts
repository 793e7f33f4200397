import * as v from 'valibot';
import type {
  BootSpec,
  CpuSpec,
  MachineChange,
  MachineDeletion,
  MachineFilter,
  MachineSpec,
  MemorySpec,
} from '../contract/machines.js';
import type { DiskLimits, DiskSpec } from '../contract/disks.js';
import type { NicLimits, NicSpec } from '../contract/nics.js';
import type { MachineRecordInput } from '../values/record.js';
import {
  count,
  extensions,
  identifier,
  json,
  line,
  positive,
  prose,
  token,
  volumeId,
  type Shape,
} from './primitives.js';

const topology = v.strictObject({ sockets: count, cores: count, threads: count });

const cpu = v.pipe(
  v.strictObject({
    count,
    topology: v.optional(topology),
    maximumCount: v.optional(count),
    weight: v.optional(count),
    limitMillicores: v.optional(count),
  } satisfies Shape<CpuSpec>),
  v.check(
    ({ count: all, topology: t }) => t === undefined || t.sockets * t.cores * t.threads === all,
    'topology must multiply to count',
  ),
  v.check(
    ({ count: now, maximumCount }) => maximumCount === undefined || maximumCount >= now,
    'maximumCount must be at least count',
  ),
);

const memory = v.pipe(
  v.strictObject({ sizeBytes: positive, maximumBytes: v.optional(positive) } satisfies Shape<MemorySpec>),
  v.check(
    ({ sizeBytes, maximumBytes }) => maximumBytes === undefined || maximumBytes >= sizeBytes,
    'maximumBytes must be at least sizeBytes',
  ),
);

const boot = v.pipe(
  v.strictObject({
    firmware: v.picklist(['bios', 'uefi']),
    secureBoot: v.optional(v.boolean()),
    order: v.optional(v.array(v.picklist(['disk', 'media', 'network']))),
  } satisfies Shape<BootSpec>),
  v.check(({ firmware, secureBoot }) => !secureBoot || firmware === 'uefi', 'secureBoot needs firmware uefi'),
);

export const diskLimits = v.strictObject({
  throughput: v.optional(positive),
  operations: v.optional(positive),
} satisfies Shape<DiskLimits>);

const diskShape = {
  volume: v.optional(volumeId),
  device: v.optional(v.picklist(['disk', 'media'])),
  bus: v.optional(v.picklist(['paravirtual', 'scsi', 'sata', 'ide', 'nvme'])),
  readOnly: v.optional(v.boolean()),
  serial: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,20}$/, 'must be 1 to 20 characters of A-Z a-z 0-9 _ -')),
  ),
  limits: v.optional(diskLimits),
  shared: v.optional(v.boolean()),
} satisfies Shape<DiskSpec>;

export const disk = v.pipe(
  v.strictObject(diskShape),
  v.check(
    ({ volume, device }) => volume !== undefined || device === 'media',
    'volume may be absent only for device media',
  ),
);

export const diskWithoutVolume = v.omit(v.strictObject(diskShape), ['volume']);

export const nicLimits = v.strictObject({
  receive: v.optional(positive),
  send: v.optional(positive),
} satisfies Shape<NicLimits>);

export const nic = v.strictObject({
  network: identifier,
  macAddress: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/,
        'must be a unicast address such as 52:54:00:12:34:56, lower case',
      ),
    ),
  ),
  model: v.optional(v.picklist(['paravirtual', 'emulated'])),
  linkUp: v.optional(v.boolean()),
  limits: v.optional(nicLimits),
} satisfies Shape<NicSpec>);

export const recordInput = v.strictObject({ owner: token, body: json } satisfies Shape<MachineRecordInput>);

export const machineSpec = v.strictObject({
  name: line(255),
  description: v.optional(prose(4096)),
  cpu,
  memory,
  boot,
  disks: v.array(disk),
  nics: v.array(nic),
  host: v.optional(identifier),
  architecture: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9_]{1,32}$/))),
  guestFamily: v.optional(v.picklist(['linux', 'windows', 'other'])),
  serialPort: v.optional(v.boolean()),
  record: v.optional(recordInput),
  clientToken: v.optional(token),
  extensions: v.optional(extensions),
} satisfies Shape<MachineSpec>);

export const machineChange = v.strictObject({
  name: v.optional(line(255)),
  description: v.optional(prose(4096)),
  cpu: v.optional(cpu),
  memory: v.optional(memory),
} satisfies Shape<MachineChange>);

export const machineDeletion = v.strictObject({
  withVolumesOf: v.optional(v.array(identifier)),
  kill: v.optional(v.boolean()),
} satisfies Shape<MachineDeletion>);

export const machineFilter = v.strictObject({
  host: v.optional(identifier),
  state: v.optional(v.picklist(['stopped', 'running', 'paused', 'saved', 'failed'])),
  recorded: v.optional(v.boolean()),
} satisfies Shape<MachineFilter>);
