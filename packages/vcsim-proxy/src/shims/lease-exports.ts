import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Overlay } from '../behaviours/object-values.js';
import { datacenters, invokeTask, readProperty } from '../behaviours/simulator-objects.js';
import type { PlainHandler } from '../server/plain-requests.js';
import { resultAnswer } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, element, textOf, typed, withChildren, type Element } from '../xml/element.js';
import { managerOf, plainShim, Refusal, requirePower, type Shims, type ShimTools } from './shim.js';

/** A disk that a lease hands out. */
interface LeasedDisk {
  /** `[datastore] folder/file.vmdk` */
  readonly file: string;
  readonly sizeBytes: bigint;
}

interface Exported {
  readonly machine: Reference;
  readonly disks: readonly LeasedDisk[];
  readonly dcPath: string;
}

/** Leases over machines that are exported, which the simulators give of snapshots only, or not at all. */
export function leaseExports(tools: ShimTools): {
  readonly shims: Shims;
  readonly overlay: Overlay;
  readonly plainHandler: PlainHandler;
} {
  const { upstream, settings } = tools;
  const exported = new Map<string, Exported>();

  async function exportOf(call: Call): Promise<Exported> {
    const [datacenter] = await datacenters(upstream, call, managerOf(tools, 'rootFolder'));
    const dcPath = datacenter && (await readProperty(upstream, call, datacenter, 'name'))?.text;
    const devices = (await readProperty(upstream, call, call.self, 'config.hardware.device'))?.children ?? [];
    const disks = devices.flatMap((device) => {
      const file = textOf(child(device, 'backing'), 'fileName');
      if (device.dataType?.name !== 'VirtualDisk' || file === undefined) return [];
      return [{ file, sizeBytes: 1024n * BigInt(textOf(device, 'capacityInKB') ?? '0') }];
    });
    return { machine: call.self, disks, dcPath: dcPath ?? '' };
  }

  const shims: Shims = {
    ExportVm: plainShim(async (call) => {
      if (!settings.streamOptimised) throw new Refusal({ type: 'NotSupported', message: 'Nothing is exported here.' });
      await requirePower(tools, call, call.self, 'poweredOff');
      const found = await exportOf(call);
      const lease = await plainLease(tools, call);
      exported.set(lease.value, found);
      return resultAnswer(call.method, [element('returnval', lease.value, { type: lease.type })]);
    }),
  };

  return {
    shims,
    overlay(object, path, value) {
      const found = object.type === 'HttpNfcLease' && path === 'info' ? exported.get(object.value) : undefined;
      return found && described(value, object, found);
    },
    async plainHandler(request, response) {
      const [, lease = '', index = ''] = /^\/nfc\/([^/]+)\/disk-(\d+)\.vmdk$/.exec(request.url ?? '') ?? [];
      const found = exported.get(decodeURIComponent(lease));
      const disk = found?.disks[Number(index)];
      if (!found || !disk || request.method !== 'GET' || !settings.streamOptimised) return false;
      await handOut(found, disk, request, response);
      return true;
    },
  };

  async function handOut(
    { dcPath }: Exported,
    { file, sizeBytes }: LeasedDisk,
    { headers: { cookie } }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const [, dsName = '', path = ''] = /^\[([^\]]*)\] *(.*)$/.exec(file.replace(/\.vmdk$/, '-flat.vmdk')) ?? [];
    const query = new URLSearchParams({ dcPath, dsName });
    const target = `/folder/${path.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`;
    const answer = await upstream.stream({ method: 'GET', path: target, headers: { cookie } });
    if (answer.statusCode !== 200) answer.resume();
    const stored: AsyncIterable<Uint8Array> = answer.statusCode === 200 ? answer : Readable.from([]);
    const written = settings.streamOptimised?.(filled(stored, sizeBytes), sizeBytes) ?? [];
    response.writeHead(200, { 'content-type': 'application/x-vnd.vmware-streamVmdk' });
    await pipeline(Readable.from(written), response);
  }
}

/** What was written, and zeros up to the size of the disk: the simulators' files are as long as what was written. */
async function* filled(stored: AsyncIterable<Uint8Array>, sizeBytes: bigint): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of stored) {
    left -= BigInt(piece.length);
    yield piece;
  }
  const zeros = new Uint8Array(65_536);
  for (; left > 0n; left -= BigInt(zeros.length)) yield zeros.subarray(0, Number(left < 65_536n ? left : 65_536n));
}

/** A lease of the simulator's own: that of an import whose machine goes at once. */
async function plainLease(tools: ShimTools, call: Call): Promise<Reference> {
  const { upstream } = tools;
  const [pool, folder, file] = await Promise.all(
    ['resourcePool', 'parent', 'config.files.vmPathName'].map((path) => readProperty(upstream, call, call.self, path)),
  );
  if (!pool) throw new Refusal({ type: 'NotSupported', message: 'The machine is in no resource pool.' });
  const config = element('configSpec', [
    element('name', `lease-${call.number}`),
    element('files', [element('vmPathName', /^\[[^\]]*\]/.exec(file?.text ?? '')?.[0] ?? '')]),
  ]);
  const parameters = [
    typed('spec', 'VirtualMachineImportSpec', [config]),
    ...(folder ? [element('folder', folder.text, { type: folder.type })] : []),
  ];
  const self = { type: pool.type ?? 'ResourcePool', value: pool.text };
  const [made] = await upstream.invoke(call, self, 'ImportVApp', parameters);
  if (!made) throw new Error('The simulator gave no lease.');
  const lease = { type: 'HttpNfcLease', value: made.text };
  for (let looks = 0; looks < 100; looks += 1) {
    const entity = child(await readProperty(upstream, call, lease, 'info').catch(() => undefined), 'entity');
    if (entity) {
      await invokeTask(upstream, call, { type: entity.type ?? '', value: entity.text }, 'Destroy_Task', []);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return lease;
}

/** What a client reads of the lease: the machine that is exported, and an address for each of its disks. */
function described(value: Element, lease: Reference, { machine, disks }: Exported): Element {
  const entity = element('entity', machine.value, { type: machine.type });
  const urls = disks.map((_, index) =>
    element('deviceUrl', [
      element('key', `/${machine.value}/disk-${index}`),
      element('importKey', ''),
      element('url', `https://*/nfc/${encodeURIComponent(lease.value)}/disk-${index}.vmdk`),
      element('sslThumbprint', ''),
      element('disk', true),
      element('targetId', `disk-${index}.vmdk`),
    ]),
  );
  const others = value.children.filter(({ name }) => name !== 'deviceUrl');
  return withChildren(
    value,
    others.flatMap((part) => (part.name === 'entity' ? [entity, ...urls] : [part])),
  );
}
