import { buffer } from 'node:stream/consumers';
import { endOf, readProperty } from '../behaviours/simulator-objects.js';
import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import { contentOf } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, textOf } from '../xml/element.js';
import { referenceIn } from './shim.js';
import type { StandInLog } from './stand-in-log.js';

const SECTORS_PER_KIB = 2n;

/** A file of a datastore as the file service names it. */
interface StoredFile {
  readonly url: string;
  readonly name: string;
}

/**
 * Writes what the older simulator leaves empty: the descriptor of a disk that the disk manager made or made larger, where
 * clients read how large it is. Bytes that were uploaded are kept by both simulators.
 */
export function diskDescriptors(upstream: Upstream, log: StandInLog): Handler {
  /** The simulator writes them itself. */
  let written = false;

  const capacityAsked = (call: Call): string | undefined => {
    if (call.method === 'CreateVirtualDisk_Task') return textOf(child(call.operation, 'spec'), 'capacityKb');
    return call.method === 'ExtendVirtualDisk_Task' ? textOf(call.operation, 'newCapacityKb') : undefined;
  };

  const mend = async (call: Call, kibibytes: string, task: Reference): Promise<void> => {
    await endOf(upstream, call, task);
    const file = await fileOf(upstream, call);
    const present = file && (await read(upstream, call, file));
    // Not there: the task has failed.
    if (!file || present === undefined) return;
    const sectors = sectorsOf(present);
    written = call.method === 'CreateVirtualDisk_Task' && sectors !== undefined;
    const wanted = BigInt(kibibytes) * SECTORS_PER_KIB;
    if (written || wanted <= (sectors ?? 0n)) return;
    log.add(call.method);
    await write(upstream, call, file, descriptor(file, wanted));
  };

  return async (call, next) => {
    const answer = await next(call);
    const kibibytes = capacityAsked(call);
    if (written || kibibytes === undefined || answer.status !== 200) return answer;
    const task = referenceIn(contentOf(answer), 'returnval');
    // A simulator that is killed meanwhile has answered all the same.
    if (task) await mend(call, kibibytes, task).catch(() => undefined);
    return answer;
  };
}

/** Where the disk is that a call names: `[datastore] folder/name.vmdk` in a datacenter. */
async function fileOf(upstream: Upstream, call: Call): Promise<StoredFile | undefined> {
  const [, datastore, path] = /^\[([^\]]*)\] *(.+\.vmdk)$/.exec(textOf(call.operation, 'name') ?? '') ?? [];
  const datacenter = referenceIn(call.operation, 'datacenter');
  if (datastore === undefined || path === undefined || !datacenter) return undefined;
  const dcPath = (await readProperty(upstream, call, datacenter, 'name'))?.text ?? '';
  const query = new URLSearchParams({ dcPath, dsName: datastore });
  const url = `/folder/${path.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`;
  return { url, name: path.split('/').at(-1) ?? path };
}

const headersOf = ({ headers: { cookie } }: Call) => (cookie === undefined ? {} : { cookie });

async function read(upstream: Upstream, call: Call, { url }: StoredFile): Promise<string | undefined> {
  const answer = await upstream.stream({ method: 'GET', path: url, headers: headersOf(call) });
  const body = await buffer(answer);
  return answer.statusCode === 200 ? body.toString() : undefined;
}

async function write(upstream: Upstream, call: Call, { url }: StoredFile, text: string): Promise<void> {
  const body = Buffer.from(text);
  const headers = { ...headersOf(call), 'content-length': body.length };
  const answer = await upstream.stream({ method: 'PUT', path: url, headers }, body);
  answer.resume();
  if ((answer.statusCode ?? 500) >= 300) throw new Error(`The simulator answered a PUT with ${answer.statusCode}.`);
}

/** How many sectors a descriptor says that its only extent has; undefined where there is none. */
function sectorsOf(text: string): bigint | undefined {
  const [, sectors] = /^RW (\d+) /m.exec(text) ?? [];
  return sectors === undefined ? undefined : BigInt(sectors);
}

/** As hosts write it for a disk of one file. */
function descriptor({ name }: StoredFile, sectors: bigint): string {
  return [
    '# Disk DescriptorFile',
    'version=1',
    'encoding="UTF-8"',
    'CID=fffffffe',
    'parentCID=ffffffff',
    'createType="vmfs"',
    '',
    '# Extent description',
    `RW ${sectors} VMFS "${name.replace(/\.vmdk$/, '-flat.vmdk')}"`,
    '',
    '# The Disk Data Base',
    '#DDB',
    'ddb.adapterType = "lsilogic"',
    'ddb.virtualHWVersion = "14"',
    '',
  ].join('\n');
}
