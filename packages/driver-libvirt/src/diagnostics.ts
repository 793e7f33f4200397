import { DriverError, type CallOptions, type FacetAs, type MachineId, type Screenshot } from '@virt-drivers/core';
import { DomainStatsTypes, connectGetAllDomainStats, domainInjectNmi, domainScreenshot } from '@virt-drivers/libvirt';
import type { capabilities } from './capabilities.js';
import { chunksOf } from './chunks.js';
import { toCounters } from './convert/counters.js';
import { readDisks } from './convert/machine-xml.js';
import { child } from './convert/xml.js';
import { aboutMachine, type DomainView } from './domains.js';
import { toDriverError } from './errors.js';
import { dumpMemory } from './memory-dump.js';
import type { LibvirtSession } from './session.js';

const { CpuTotal, Balloon, Interface, Block } = DomainStatsTypes;
const MEDIA_TYPES: readonly Screenshot['mediaType'][] = ['image/png', 'image/x-portable-pixmap', 'image/jpeg'];

/** Looking into libvirt domains. */
export function createDiagnostics(session: LibvirtSession): FacetAs<'diagnostics', typeof capabilities.diagnostics> {
  const { daemon, domains } = session;
  const running = async (id: MachineId, options: CallOptions): Promise<DomainView> => {
    const view = await domains.view(id, options);
    const { state } = view.machine;
    if (state === 'running' || state === 'paused') return view;
    throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}; this needs it running.`, { subject: id });
  };

  return {
    async counters(id, options = {}) {
      const { domain, document, machine } = await running(id, options);
      const stats = await daemon.call({ ...aboutMachine(id), reads: true }, options, (connection, call) =>
        connectGetAllDomainStats(connection, [domain], CpuTotal | Balloon | Interface | Block, 0, call),
      );
      const disks = new Map(readDisks(document).map((disk) => [disk.target, disk.id]));
      const devices = { disk: (target: string) => disks.get(target), nic: (index: number) => machine.nics[index]?.id };
      return toCounters(stats[0]?.params ?? {}, devices, new Date());
    },
    async screenshot(id, options = {}) {
      const { domain, document } = await running(id, options);
      if (!child(document, 'devices/graphics')) {
        throw new DriverError('CONSOLE.UNAVAILABLE', `Machine ${id} has no screen; it was made without one.`, {
          subject: id,
        });
      }
      const connection = await daemon.dedicated(options);
      try {
        const { stream, result } = await domainScreenshot(connection, domain, 0, 0, options);
        const chunks: Uint8Array[] = [];
        for await (const chunk of chunksOf(stream)) chunks.push(chunk);
        return {
          mediaType: MEDIA_TYPES.find((type) => type === result) ?? 'image/x-portable-pixmap',
          data: Buffer.concat(chunks),
        };
      } catch (error) {
        throw toDriverError(error, { ...aboutMachine(id), reads: true });
      } finally {
        await connection.close();
      }
    },
    async *crashDump(id, options = {}) {
      yield* dumpMemory(session, await running(id, options), options);
    },
    async interrupt(id, options = {}) {
      const { domain } = await running(id, options);
      await daemon.call(aboutMachine(id), options, (connection, call) => domainInjectNmi(connection, domain, 0, call));
    },
  };
}
