import { runCommand } from '@virt-drivers/peers';
import type { SimulatedCenter } from './simulated-center.js';

/** A machine as pyVmomi describes it. */
export interface WitnessedMachine {
  readonly name: string;
  readonly power: string;
  readonly cpus: number;
  readonly mebibytes: number;
  readonly annotation: string;
  /** Files behind its disks with their sizes in bytes, in the order of their keys. */
  readonly disks: readonly (readonly [file: string, bytes: number])[];
  readonly macs: readonly string[];
  /** Names of its snapshots, with those above them: `first/second`. */
  readonly snapshots: readonly string[];
}

const SCRIPT = `
import json, os
# For 127.0.0.1 it would insist on TLS.
from pyVim.connect import SmartConnect, Disconnect
from pyVmomi import vim
si = SmartConnect(protocol='http', host='127.1', port=int(os.environ['PORT']), user=os.environ['NAME'], pwd=os.environ['SECRET'])
content = si.RetrieveContent()
view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
def names(tree, above):
    for one in tree:
        yield above + one.name
        yield from names(one.childSnapshotList, above + one.name + '/')
def of(devices, kind):
    return sorted((d for d in devices if isinstance(d, kind)), key=lambda d: d.key)
def own(backing):
    return own(backing.parent) if backing.parent else backing
seen = {}
for vm in view.view:
    c = vm.config
    disks = [[own(d.backing).fileName, d.capacityInKB * 1024] for d in of(c.hardware.device, vim.vm.device.VirtualDisk)]
    macs = [d.macAddress for d in of(c.hardware.device, vim.vm.device.VirtualEthernetCard)]
    tree = list(names(vm.snapshot.rootSnapshotList, '')) if vm.snapshot else []
    seen[c.instanceUuid] = dict(name=vm.name, power=vm.runtime.powerState, cpus=c.hardware.numCPU,
        mebibytes=c.hardware.memoryMB, annotation=c.annotation or '', disks=disks, macs=macs, snapshots=tree)
view.Destroy()
Disconnect(si)
print(json.dumps(seen))
`;

/**
 * Every machine, by its instance uuid, as a client sees it that shares no code with ours. Nothing there has TLS. The newer
 * simulator speaks of things that pyVmomi of Debian does not know: the proxy leaves them out, and is asked for that one.
 */
export async function machinesByPython({
  peer,
  proxy,
}: Pick<SimulatedCenter, 'peer' | 'proxy'>): Promise<Readonly<Record<string, WitnessedMachine>>> {
  const { port } = new URL(peer.variant === 'debian' ? peer.url : proxy.url);
  const env = { ...process.env, PORT: port, NAME: peer.username, SECRET: peer.password };
  // Debian's own interpreter, which has Debian's pyVmomi.
  const { stdout } = await runCommand('/usr/bin/python3', ['-W', 'ignore', '-c', SCRIPT], { env });
  const seen: Readonly<Record<string, WitnessedMachine>> = JSON.parse(stdout);
  return seen;
}
