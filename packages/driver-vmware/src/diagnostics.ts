import { DriverError, type CallOptions, type Diagnostics, type MachineId } from '@virt-drivers/core';
import { toCounters } from './convert/counters.js';
import { diskAddress, diskIdOf, isDiskDevice } from './convert/disk-device.js';
import { isNicDevice, nicIdOf } from './convert/nic-device.js';
import { aboutMachine, type MachineView } from './machine-views.js';
import { createPerformance, INTERVAL_SECONDS } from './performance.js';
import { takePicture } from './screenshot.js';
import type { VmwareSession } from './session.js';

type VmwareDiagnostics = Required<Pick<Diagnostics, 'counters' | 'screenshot' | 'interrupt'>>;

/** Looking into virtual machines. */
export function createDiagnostics(session: VmwareSession): VmwareDiagnostics {
  const performance = createPerformance(session);

  const running = async (id: MachineId, options: CallOptions): Promise<MachineView> => {
    const view = await session.machines.view(id, options);
    const { state } = view.machine;
    if (state === 'running') return view;
    throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}; this needs it running.`, { subject: id });
  };

  return {
    async counters(id, options = {}) {
      const view = await running(id, options);
      const kind = { ...aboutMachine(id), reads: true };
      const { 'summary.quickStats': quick } = await session.center.call(kind, options, (vsphere, call) =>
        vsphere.properties.get(view.ref, ['summary.quickStats'], call),
      );
      const uptimeSeconds = quick?.uptimeSeconds;
      return toCounters({
        at: new Date(),
        uptimeSeconds,
        memoryMebibytes: quick?.hostMemoryUsage,
        ...instancesOf(view),
        series: uptimeSeconds === undefined ? [] : await performance.sinceStart(kind, view.ref, uptimeSeconds, options),
        interval: INTERVAL_SECONDS,
      });
    },
    async screenshot(id, options = {}) {
      const { ref } = await running(id, options);
      return takePicture(session, id, ref, options);
    },
    async interrupt(id, options = {}) {
      const { ref } = await running(id, options);
      await session.center.call(aboutMachine(id), options, (vsphere, call) => vsphere.invoke(ref, 'SendNMI', {}, call));
    },
  };
}

/** How vSphere's samples name the disks and nics. */
function instancesOf({ machine, devices }: MachineView) {
  const disks = new Map(
    devices.filter(isDiskDevice).map((device) => [diskIdOf(device), diskAddress(devices, device)] as const),
  );
  const nics = new Map(devices.filter(isNicDevice).map((device) => [nicIdOf(device), String(device.key)] as const));
  return {
    disks: machine.disks.map(({ id }) => ({ disk: id, instance: disks.get(id) })),
    nics: machine.nics.map(({ id }) => ({ nic: id, instance: nics.get(id) ?? '' })),
  };
}
