import { plainWwpn, toWwpn } from '../convert/storage-topology.js';
import type { VmwareSession } from '../session.js';
import type { ConnectionOf, Door } from './door.js';
import { openUnit, type UnitWanted } from './units.js';

type FibreChannel = ConnectionOf<'fibreChannel'>;

/** The unit behind these ports, on adapters of the same network. */
function fibreChannelUnit({ wwpns, lun }: Pick<FibreChannel, 'wwpns' | 'lun'>): UnitWanted {
  const wanted = new Set(wwpns.map(plainWwpn));
  return {
    what: `Fibre Channel target ${[...wanted].join(', ')}`,
    lun,
    isMeant: (transport) => 'portWorldWideName' in transport && wanted.has(toWwpn(transport.portWorldWideName)),
    adapters: ({ hostBusAdapter = [] }) =>
      hostBusAdapter.flatMap((one) =>
        one.$type === 'HostFibreChannelHba' || one.$type === 'HostFibreChannelOverEthernetHba' ? [one.device] : [],
      ),
  };
}

const doorOf = ({ wwpns }: FibreChannel): string => `fibreChannel ${wwpns.map(plainWwpn).sort().join(',')}`;

/** Units behind Fibre Channel: hosts that may see them do, and are told nothing. */
export function fibreChannelDoor(session: VmwareSession): Door<FibreChannel> {
  return {
    name: doorOf,
    identity: (connection) => `${doorOf(connection)} ${connection.lun}`,
    plan: async (_connection, { reach }) => ({ hosts: reach.hosts.map(({ id }) => id), made: [] }),
    open: (connection, _note, { reach, options }) =>
      openUnit(session, reach.hosts, fibreChannelUnit(connection), options),
    close: async () => undefined,
  };
}
