import type { VcsimPeer } from '@virt-drivers/peers';

/** A machine as govc describes it. */
export interface SeenMachine {
  readonly ref: string;
  readonly name: string;
  readonly uuid: string;
  readonly powerState: string;
  readonly cpus: number;
  readonly memoryMebibytes: number;
  readonly annotation: string;
  readonly template: boolean;
  readonly configFile: string;
  /** Files behind its disks and drives. */
  readonly files: readonly string[];
  readonly macs: readonly string[];
  /** What the server calls its devices, for example `SCSI controller 0`. */
  readonly labels: readonly string[];
  readonly settings: ReadonlyMap<string, string>;
}

/** What there is, sorted. */
export interface Inventory {
  readonly machines: readonly SeenMachine[];
  /** Paths of the files in our folder of each datastore, and the folders of machines. */
  readonly files: readonly string[];
}

const PATHS = ['name', 'config', 'runtime.powerState'];

/** Reads it with a client that is not ours. */
export async function readInventory(peer: VcsimPeer): Promise<Inventory> {
  const machines = (await objects(peer, ['-type', 'm', '/', ...PATHS])).map(toMachine);
  const stores = await objects(peer, ['-type', 's', '/', 'name']);
  const files: string[] = [];
  for (const { values } of stores) {
    const name = String(values.get('name'));
    const listing: unknown = JSON.parse(await peer.govc(['datastore.ls', '-json', '-R', '-ds', name]));
    files.push(...list(listing).flatMap(filesIn));
  }
  return { machines: machines.sort((a, b) => (a.name < b.name ? -1 : 1)), files: files.sort() };
}

/** Files with their folders, without the logs that the simulator keeps. */
const filesIn = (folder: unknown): string[] =>
  list(at(folder, 'file'))
    .map((file) => `${text(at(folder, 'folderPath'))}/${text(at(file, 'path'))}`.replace('//', '/'))
    .filter((path) => !/\.(log|nvram)$/.test(path));

interface SeenObject {
  readonly ref: string;
  readonly values: ReadonlyMap<string, unknown>;
}

/** `govc object.collect` writes one JSON value after another. */
async function objects(peer: VcsimPeer, args: readonly string[]): Promise<readonly SeenObject[]> {
  const output = await peer.govc(['object.collect', '-json', ...args]);
  const parsed: unknown[] = output.split(/^(?=\{$)/m).flatMap((one) => (one.trim() === '' ? [] : [JSON.parse(one)]));
  return parsed.map((one) => ({
    ref: text(at(at(one, 'obj'), 'value')),
    values: new Map(list(at(one, 'changeSet')).map((change) => [text(at(change, 'name')), at(change, 'val')])),
  }));
}

function toMachine({ ref, values }: SeenObject): SeenMachine {
  const config = values.get('config');
  const hardware = at(config, 'hardware');
  const devices = list(at(hardware, 'device'));
  return {
    ref,
    name: text(values.get('name')),
    uuid: text(at(config, 'instanceUuid')),
    powerState: text(values.get('runtime.powerState')),
    cpus: Number(at(hardware, 'numCPU')),
    memoryMebibytes: Number(at(hardware, 'memoryMB')),
    annotation: text(at(config, 'annotation')),
    template: at(config, 'template') === true,
    configFile: text(at(at(config, 'files'), 'vmPathName')),
    files: devices.map((device) => text(at(at(device, 'backing'), 'fileName'))).filter((file) => file !== ''),
    macs: devices.map((device) => text(at(device, 'macAddress'))).filter((mac) => mac !== ''),
    labels: devices.map((device) => text(at(at(device, 'deviceInfo'), 'label'))),
    settings: new Map(
      list(at(config, 'extraConfig')).map((option) => [text(at(option, 'key')), text(at(option, 'value'))]),
    ),
  };
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
