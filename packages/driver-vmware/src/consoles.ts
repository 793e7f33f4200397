import { DriverError, Secret, type CallOptions, type Consoles, type MachineId } from '@virt-drivers/core';
import type { Reference, VirtualMachineTicket } from '@virt-drivers/vsphere';
import type { SerialConsoles } from './serial-console.js';
import type { VmwareSession } from './session.js';

type VmwareConsoles = Required<Pick<Consoles, 'mks' | 'serial'>>;

/** The only kind of ticket that browsers can use; those for VNC are gone since ESXi 7. */
const KIND = 'webmks';
const USUAL_PORT = 443;

/** Screens of virtual machines, by tickets that count once, and their serial ports. */
export function createConsoles(session: VmwareSession, serial: SerialConsoles): VmwareConsoles {
  return {
    serial: serial.attach,
    /** A viewer connects to the url with `/` and the ticket behind it. */
    async mks(id, options = {}) {
      const { machine, ref } = await session.machines.view(id, options);
      if (machine.state !== 'running')
        throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${machine.state}: it shows nothing.`, {
          subject: id,
        });
      const ticket = await acquire(session, id, options);
      const host = ticket.host ?? (await hostOf(session, ref, options));
      if (host === undefined)
        throw new DriverError('CONSOLE.UNAVAILABLE', `Machine ${id} is on a host whose address nobody tells.`, {
          subject: id,
        });
      return {
        protocol: 'mks',
        url: `wss://${host}:${ticket.port ?? USUAL_PORT}/ticket`,
        ticket: new Secret(ticket.ticket),
        ...(ticket.sslThumbprint !== undefined && { thumbprint: ticket.sslThumbprint }),
      };
    },
  };
}

const acquire = ({ machines }: VmwareSession, id: MachineId, options: CallOptions): Promise<VirtualMachineTicket> =>
  machines.call(id, { reads: true }, options, (ref, vsphere, call) =>
    vsphere.invoke(ref, 'AcquireTicket', { ticketType: KIND }, call),
  );

async function hostOf(
  { center }: VmwareSession,
  machine: Reference<'VirtualMachine'>,
  options: CallOptions,
): Promise<string | undefined> {
  return center.call({ what: 'Hosts', reads: true }, options, async (vsphere, call) => {
    const { 'runtime.host': host } = await vsphere.properties.get(machine, ['runtime.host'], call);
    return host && (await vsphere.properties.get(host, ['name'], call)).name;
  });
}
