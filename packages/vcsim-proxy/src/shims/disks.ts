import { invokeTask, readProperty, readReferences } from '../behaviours/simulator-objects.js';
import type { Call } from '../soap/call.js';
import { child, childrenOf, element, textOf, typed, type Element } from '../xml/element.js';
import { managerOf, Refusal, requiredText, taskShim, type Shims, type ShimTools } from './shim.js';

/** Disks that grow, which the older simulator cannot do; and first class disks, which no simulator attaches as devices. */
export function diskShims(tools: ShimTools): { readonly growing: Shims; readonly firstClass: Shims } {
  const { upstream } = tools;
  const sizes = new Map<string, bigint>();
  const inReconfiguration = (call: Call, change: Element) =>
    invokeTask(upstream, call, call.self, 'ReconfigVM_Task', [element('spec', [change])]);

  const growing: Shims = {
    ExtendVirtualDisk_Task: taskShim(tools, async (call) => {
      const name = requiredText(call.operation, 'name');
      const wanted = BigInt(requiredText(call.operation, 'newCapacityKb'));
      const parameters = call.operation.children.filter((each) => /^(name|datacenter)$/.test(each.name));
      // Refuses a disk that is not there.
      await upstream.invoke(call, call.self, 'QueryVirtualDiskUuid', parameters);
      if (wanted < (sizes.get(name) ?? 0n))
        throw new Refusal({ type: 'InvalidArgument', message: 'A disk cannot shrink.' });
      sizes.set(name, wanted);
      return undefined;
    }),
  };
  const firstClass: Shims = {
    AttachDisk_Task: taskShim(tools, async (call) => {
      const file = await firstClassDiskFile(tools, call);
      const place = childrenOf(call.operation, 'controllerKey').concat(childrenOf(call.operation, 'unitNumber'));
      const backing = typed('backing', 'VirtualDiskFlatVer2BackingInfo', [
        element('fileName', file.path),
        element('diskMode', 'persistent'),
      ]);
      const device = typed('device', 'VirtualDisk', [
        element('key', -1),
        backing,
        ...(place.length > 0 ? place : await freePlace(tools, call)),
        element('capacityInKB', file.capacityInKB),
        element('vDiskId', [element('id', file.id)]),
      ]);
      return inReconfiguration(call, element('deviceChange', [element('operation', 'add'), device]));
    }),

    DetachDisk_Task: taskShim(tools, async (call) => {
      const file = await firstClassDiskFile(tools, call);
      const devices = await readProperty(upstream, call, call.self, 'config.hardware.device');
      const device = devices?.children.find((each) => textOf(child(each, 'backing'), 'fileName') === file.path);
      if (!device) throw new Refusal({ type: 'NotFound', message: 'The disk is not attached.' });
      const removed = element('deviceChange', [element('operation', 'remove'), { ...device, name: 'device' }]);
      return inReconfiguration(call, removed);
    }),
  };
  return { growing, firstClass };
}

/** The file and size of the disk that `diskId` names, on the datastore that is named, or else on one of the machine's. */
async function firstClassDiskFile(
  tools: ShimTools,
  call: Call,
): Promise<{ id: string; path: string; capacityInKB: string }> {
  const id = element('id', child(call.operation, 'diskId')?.children ?? []);
  const named = childrenOf(call.operation, 'datastore');
  const own = await readReferences(tools.upstream, call, call.self, 'datastore');
  const stores = named.length > 0 ? named : own.map(({ type, value }) => element('datastore', value, { type }));
  const manager = managerOf(tools, 'vStorageObjectManager');
  for (const store of stores) {
    const ask = tools.upstream.invoke(call, manager, 'RetrieveVStorageObject', [id, store]);
    const [found] = await ask.catch(() => []);
    const config = child(found, 'config');
    const path = textOf(child(config, 'backing'), 'filePath');
    if (path === undefined) continue;
    return {
      id: textOf(id, 'id') ?? '',
      path,
      capacityInKB: String(1024n * BigInt(textOf(config, 'capacityInMB') ?? '0')),
    };
  }
  throw new Refusal({ type: 'NotFound', message: 'There is no such disk.' });
}

/** A free unit of the first SCSI controller. */
async function freePlace({ upstream }: ShimTools, call: Call): Promise<readonly Element[]> {
  const devices = (await readProperty(upstream, call, call.self, 'config.hardware.device'))?.children ?? [];
  const controller = devices.find(({ dataType }) => /SCSI|LsiLogic|BusLogic/.test(dataType?.name ?? ''));
  const key = textOf(controller, 'key');
  if (key === undefined)
    throw new Refusal({ type: 'InvalidController', message: 'The machine has no SCSI controller.' });
  const used = devices
    .filter((each) => textOf(each, 'controllerKey') === key)
    .map((each) => textOf(each, 'unitNumber'));
  // 7 is the controller itself.
  const unit = [...Array(16).keys()].find((number) => number !== 7 && !used.includes(String(number)));
  return [element('controllerKey', key), element('unitNumber', unit ?? 15)];
}
