import { child, childrenOf, element, replaceChild, typed, withChildren, type Element } from '../xml/element.js';

/** A unit of a storage system. */
export interface StorageUnit {
  readonly lun: number;
  /** Sixteen bytes in hexadecimal digits, by which all hosts know it. */
  readonly naa: string;
  sizeBytes: bigint;
}

/** A target that hosts of the made-up network can reach, by iSCSI or by Fibre Channel. */
export interface StorageTarget {
  readonly iqn?: string;
  /** `192.0.2.9:3260` */
  readonly portals?: readonly string[];
  /** Who may log in; anybody when left out. */
  readonly chap?: { readonly user: string; readonly password: string };
  /** Its own account, which it proves to a host that asks; one that asks for another does not log in. */
  readonly mutualChap?: { readonly user: string; readonly password: string };
  /** Name of its Fibre Channel port, in hexadecimal digits. */
  readonly wwpn?: string;
  readonly units: readonly StorageUnit[];
}

/** A portal of a target that a host was told. */
export interface StaticTarget {
  readonly address: string;
  readonly port: string;
  readonly iqn: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** What the target must prove; nothing when left out. */
  readonly mutual?: { readonly user: string | undefined; readonly password: string | undefined };
}

/** What one host has of the made-up network. */
export interface HostStorage {
  readonly name: string;
  readonly told: readonly StaticTarget[];
  /** What the last look found, with the sizes of then. */
  readonly found: readonly { readonly target: StorageTarget; readonly units: readonly StorageUnit[] }[];
}

export const ISCSI_ADAPTER = 'vmhba65';
export const FIBRE_ADAPTER = 'vmhba66';
const BLOCK = 512n;

/** A host's storage with the adapters, targets and units of the made-up network. */
export function withNetwork(info: Element, host: HostStorage): Element {
  const topology = child(info, 'scsiTopology') ?? element('scsiTopology');
  const units = host.found.flatMap((each) => each.units);
  const adapters = [...childrenOf(info, 'hostBusAdapter'), iscsiAdapter(host), fibreAdapter()];
  const scsiLuns = [...childrenOf(info, 'scsiLun'), ...units.map(unitElement)];
  const found = (adapter: string, kind: 'iqn' | 'wwpn') =>
    element('adapter', [
      element('key', `key-vim.host.ScsiTopology.Interface-${adapter}`),
      element('adapter', keyOf(adapter)),
      ...host.found.filter(({ target }) => target[kind] !== undefined).map((each, at) => targetElement(each, at)),
    ]);
  const others = childrenOf(topology, 'adapter');
  const known = withChildren(topology, [...others, found(ISCSI_ADAPTER, 'iqn'), found(FIBRE_ADAPTER, 'wwpn')]);
  const rest = info.children.filter(({ name }) => !/^(hostBusAdapter|scsiLun|scsiTopology)$/.test(name));
  const all = withChildren(info, [...adapters, ...scsiLuns, known, ...rest]);
  return replaceChild(all, 'softwareInternetScsiEnabled', element('softwareInternetScsiEnabled', true));
}

const keyOf = (adapter: string): string => `key-vim.host.made-up-${adapter}`;
const lunKey = ({ naa }: StorageUnit): string => `key-vim.host.ScsiDisk-${uuidOf(naa)}`;
const uuidOf = (naa: string): string => `02000000${naa.padStart(32, '0')}${'4d4144455550'}`;

const adapterBody = (device: string, model: string): readonly Element[] => [
  element('key', keyOf(device)),
  element('device', device),
  element('bus', 0),
  element('status', 'online'),
  element('model', model),
];

function iscsiAdapter({ name, told }: HostStorage): Element {
  const no = (names: readonly string[]) => names.map((each) => element(each, false));
  return typed('hostBusAdapter', 'HostInternetScsiHba', [
    ...adapterBody(ISCSI_ADAPTER, 'iSCSI Software Adapter'),
    element('isSoftwareBased', true),
    element('discoveryCapabilities', [
      ...no(['iSnsDiscoverySettable', 'slpDiscoverySettable']),
      element('staticTargetDiscoverySettable', true),
      element('sendTargetsDiscoverySettable', true),
    ]),
    element('discoveryProperties', [
      ...no(['iSnsDiscoveryEnabled', 'slpDiscoveryEnabled']),
      element('staticTargetDiscoveryEnabled', true),
      element('sendTargetsDiscoveryEnabled', true),
    ]),
    element('authenticationCapabilities', [
      element('chapAuthSettable', true),
      ...no(['krb5AuthSettable', 'srpAuthSettable', 'spkmAuthSettable']),
    ]),
    element('authenticationProperties', [element('chapAuthEnabled', false)]),
    element(
      'ipCapabilities',
      no([
        ...['addressSettable', 'ipConfigurationMethodSettable', 'subnetMaskSettable', 'defaultGatewaySettable'],
        ...['primaryDnsServerAddressSettable', 'alternateDnsServerAddressSettable'],
      ]),
    ),
    element('ipProperties', no(['dhcpConfigurationEnabled'])),
    element('iScsiName', name),
    ...told.map(({ address, port, iqn, user, mutual }) =>
      element('configuredStaticTarget', [
        element('address', address),
        element('port', port),
        element('iScsiName', iqn),
        element('authenticationProperties', [
          element('chapAuthEnabled', user !== undefined),
          ...(user === undefined ? [] : [element('chapName', user)]),
          ...(mutual ? [element('mutualChapAuthenticationType', 'chapRequired')] : []),
        ]),
      ]),
    ),
  ]);
}

const fibreAdapter = (): Element =>
  typed('hostBusAdapter', 'HostFibreChannelHba', [
    ...adapterBody(FIBRE_ADAPTER, 'Fibre Channel Adapter'),
    element('portWorldWideName', String(0x2100_0000_0000_0001n)),
    element('nodeWorldWideName', String(0x2000_0000_0000_0001n)),
    element('portType', 'fabric'),
    element('speed', 16),
  ]);

const unitElement = (unit: StorageUnit): Element =>
  typed('scsiLun', 'HostScsiDisk', [
    element('deviceName', `/vmfs/devices/disks/naa.${unit.naa}`),
    element('deviceType', 'disk'),
    element('key', lunKey(unit)),
    element('uuid', uuidOf(unit.naa)),
    element('canonicalName', `naa.${unit.naa}`),
    element('lunType', 'disk'),
    element('operationalState', 'ok'),
    element('capacity', [element('blockSize', String(BLOCK)), element('block', String(unit.sizeBytes / BLOCK))]),
    element('devicePath', `/vmfs/devices/disks/naa.${unit.naa}`),
  ]);

function targetElement({ target, units }: HostStorage['found'][number], at: number): Element {
  const { iqn = '', portals = [], wwpn } = target;
  const port = String(BigInt.asIntN(64, BigInt(`0x${wwpn ?? '0'}`)));
  const transport =
    wwpn === undefined
      ? typed('transport', 'HostInternetScsiTargetTransport', [
          element('iScsiName', iqn),
          element('iScsiAlias', ''),
          ...portals.map((portal) => element('address', portal)),
        ])
      : typed('transport', 'HostFibreChannelTargetTransport', [
          element('portWorldWideName', port),
          element('nodeWorldWideName', port),
        ]);
  return element('target', [
    element('key', `key-vim.host.ScsiTopology.Target-${iqn}${wwpn ?? ''}`),
    element('target', at),
    ...units.map((unit) =>
      element('lun', [
        element('key', `key-vim.host.ScsiTopology.Lun-${unit.naa}`),
        element('lun', unit.lun),
        element('scsiLun', lunKey(unit)),
      ]),
    ),
    transport,
  ]);
}
