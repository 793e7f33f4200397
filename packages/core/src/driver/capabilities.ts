/**
 * What must be true for a capability to work, as data. Checked by drivers before the call touches anything, and shown
 * by `virt drivers` and in the support matrix.
 *
 * CONTRACT question 9 (hot-plug limits?) and 6 (what may be done while snapshots exist?): such limits are conditions in
 * the manifest; a call that breaks one gets `CAPABILITY.CONDITION_UNMET` (or `SNAPSHOT.BLOCKS`, naming the snapshot)
 * before any mutation. Proven by: `disks/limit-is-refused-before-change`, `snapshots/blocked-operation-is-refused`.
 */
export interface Condition {
  readonly needs:
    | 'machine-running'
    | 'machine-stopped'
    | 'no-snapshots'
    | 'guest-agent'
    | 'guest-tools'
    | 'guest-cooperation'
    | 'firmware'
    | 'machine-type'
    | 'pool-kind'
    | 'volume-format'
    | 'volume-size'
    | 'bus'
    | 'shared-storage'
    | 'host-version'
    | 'host-feature'
    | 'licence'
    | 'privilege';
  /** The value that is needed, where `needs` alone does not say: 'uefi', 'qcow2', '9.0' … */
  readonly value?: string;
  /** How many at most, and of what (`bus`, `machine`, `host`). */
  readonly limit?: { readonly max: number; readonly per: string };
  /** One sentence for people: why. */
  readonly reason: string;
}

/** A capability that is there: always, or under conditions. */
export type Support = true | { readonly conditions: readonly Condition[] };

/**
 * The closed set of capability keys, per facet. A key that is also an optional member of the facet's interface says
 * whether that member exists; every other key says whether an input option of the facet is honoured.
 */
export interface CapabilityKeys {
  hosts: 'placement' | 'usage';
  machines: 'rename' | 'resizeCold' | 'resizeHot' | 'findByRecord' | 'firmwareUefi' | 'secureBoot' | 'cpuTopology';
  power: 'stopGuest' | 'rebootGuest' | 'reset';
  volumes: 'fromContent' | 'fromVolume' | 'linkedClone' | 'growOnline' | 'export' | 'snapshotVolume' | 'resolve';
  disks: 'attachRunning' | 'detachRunning' | 'media' | 'throughputLimit' | 'multiAttach' | 'serial';
  nics: 'attachRunning' | 'detachRunning' | 'linkState' | 'bandwidthLimit';
  events: 'resume' | 'tasks';
  suspension: 'pause' | 'save';
  snapshots: 'memory' | 'quiesce' | 'revert' | 'tree' | 'running';
  consoles: 'serial' | 'vnc' | 'spice' | 'rdp' | 'mks' | 'log';
  guest: 'ping' | 'setPassword' | 'quiesce' | 'network' | 'exec' | 'files' | 'info';
  migration:
    | 'live'
    | 'offline'
    | 'copyStorage'
    | 'abort'
    | 'postCopy'
    | 'compress'
    | 'encrypt'
    | 'bandwidthLimit'
    | 'force';
  images: 'prefetch';
  diagnostics: 'counters' | 'screenshot' | 'crashDump' | 'interrupt';
  maintenance: 'evacuate' | 'rebootHost' | 'powerOffHost';
  passthrough: 'pci' | 'mediated' | 'usb' | 'attachRunning';
  shares: 'attachRunning' | 'readOnly';
  encryption: 'volume' | 'tpm' | 'memory';
  remoteVolumes:
    | 'iscsi'
    | 'rbd'
    | 'nfs'
    | 'smb'
    | 'nbd'
    | 'nvmeTcp'
    | 'fibreChannel'
    | 'poolObject'
    | 'multipath'
    | 'mutualChap'
    | 'swap'
    | 'extend';
  tasks: 'list';
}

/** Name of a group of operations. */
export type FacetName = keyof CapabilityKeys;

/** The facets that every driver has. */
export type KernelFacetName = 'hosts' | 'machines' | 'power' | 'volumes' | 'disks' | 'nics' | 'events';

/** The facets that a driver may leave out. */
export type OptionalFacetName = Exclude<FacetName, KernelFacetName>;

/** What one facet of one driver can do. An absent key means: not there. */
export type FacetCapabilities<F extends FacetName> = { readonly [K in CapabilityKeys[F]]?: Support };

/** What a driver can do. An absent optional facet means: not there. */
export type Capabilities = { readonly [F in KernelFacetName]: FacetCapabilities<F> } & {
  readonly [F in OptionalFacetName]?: FacetCapabilities<F>;
};

/** Dotted name of a capability: a facet, or a facet and one of its keys. */
export type CapabilityName = { [F in FacetName]: F | `${F}.${CapabilityKeys[F]}` }[FacetName];

/**
 * A capability of the manifest that this endpoint does not have, and why.
 *
 * CONTRACT question 27 (version of the hypervisor?): the opened driver's capabilities are the manifest's, narrowed by
 * what this endpoint can do. Proven by: `hosts/narrowing-has-a-reason`.
 */
export interface Narrowing {
  readonly capability: CapabilityName;
  /** One sentence: what the endpoint lacks and what would change that. */
  readonly reason: string;
}
