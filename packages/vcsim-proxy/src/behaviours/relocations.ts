import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import { referenceIn } from '../shims/shim.js';
import type { StandInLog } from '../shims/stand-in-log.js';
import type { Call, Reference } from '../soap/call.js';
import { child, childrenOf, element, replaceChild, textOf, type Element } from '../xml/element.js';
import { manager, type ServiceContent } from './service-content.js';
import { datacenters, invokeTask, readProperty, succeeded } from './simulator-objects.js';

/**
 * Moves that bring disks to other datastores: the simulators change where a machine runs, and leave its disks where they
 * are. Here they are copied into the machine's folder there, become what the machine has, and go from where they were.
 */
export function relocations(upstream: Upstream, content: ServiceContent, log: StandInLog): Handler {
  const invoke = (call: Call, managerName: string, method: string, parameters: readonly Element[]) =>
    invokeTask(upstream, call, manager(content, managerName), method, parameters);

  async function bring(call: Call, device: Element, to: Reference, datacenter: Reference): Promise<void> {
    const backing = child(device, 'backing');
    const source = textOf(backing, 'fileName') ?? '';
    const name = (await readProperty(upstream, call, to, 'name'))?.text ?? '';
    const home = (await readProperty(upstream, call, call.self, 'config.files.vmPathName'))?.text ?? '';
    const folder = `[${name}] ${/^\[[^\]]*\] (.*)\/[^/]*$/.exec(home)?.[1] ?? call.self.value}`;
    const target = `${folder}/${source.split('/').at(-1) ?? source}`;
    const at = (part: string) => element(part, datacenter.value, { type: datacenter.type });
    const making = [element('name', folder), at('datacenter'), element('createParentDirectories', true)];
    // It may be there already.
    await upstream.invoke(call, manager(content, 'fileManager'), 'MakeDirectory', making).catch(() => []);
    await invoke(call, 'virtualDiskManager', 'CopyVirtualDisk_Task', [
      ...[element('sourceName', source), at('sourceDatacenter')],
      ...[element('destName', target), at('destDatacenter')],
    ]);
    const moved = replaceChild(backing ?? element('backing'), 'fileName', element('fileName', target));
    const there = replaceChild(moved, 'datastore', element('datastore', to.value, { type: to.type }));
    const edited = { ...replaceChild(device, 'backing', there), name: 'device' };
    const change = element('deviceChange', [element('operation', 'edit'), edited]);
    await invokeTask(upstream, call, call.self, 'ReconfigVM_Task', [element('spec', [change])]);
    await invoke(call, 'virtualDiskManager', 'DeleteVirtualDisk_Task', [element('name', source), at('datacenter')]);
    log.add(call.method);
  }

  return async (call, next) => {
    const answer = await next(call);
    const locators = childrenOf(child(call.operation, 'spec'), 'disk');
    if (call.method !== 'RelocateVM_Task' || locators.length === 0 || !(await succeeded(upstream, call, answer)))
      return answer;
    const [datacenter] = await datacenters(upstream, call, manager(content, 'rootFolder'));
    const devices = await readProperty(upstream, call, call.self, 'config.hardware.device');
    for (const locator of locators) {
      const device = devices?.children.find((one) => textOf(one, 'key') === textOf(locator, 'diskId'));
      const to = referenceIn(locator, 'datastore');
      if (device && datacenter && to && textOf(child(device, 'backing'), 'datastore') !== to.value)
        await bring(call, device, to, datacenter);
    }
    return answer;
  };
}
