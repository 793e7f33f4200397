/** Kinds of controllers that disks hang on. */
export type ControllerKind = 'lsilogic' | 'lsisas1068' | 'buslogic' | 'pvscsi' | 'ide' | 'sata' | 'nvme' | 'other';

/** The controller of a disk. */
export interface OvfController {
  readonly kind: ControllerKind;
  /** Its place among those of its family. Default 0. */
  readonly busNumber: number;
}

// CIM resource types of DSP0243 and CIM_ResourceAllocationSettingData.
const IDE = '5';
const SCSI = '6';
const OTHER_STORAGE = '20';

const SCSI_KINDS: Readonly<Record<string, ControllerKind>> = {
  lsilogic: 'lsilogic',
  lsilogicsas: 'lsisas1068',
  lsisas1068: 'lsisas1068',
  buslogic: 'buslogic',
  virtualscsi: 'pvscsi',
  pvscsi: 'pvscsi',
  paravirtual: 'pvscsi',
};

/** The kind of a controller by resource type and subtype; undefined for what is none. */
export function controllerKind(resourceType: string, subType: string): ControllerKind | undefined {
  const kind = subType.toLowerCase();
  if (resourceType === IDE) return 'ide';
  if (resourceType === SCSI) return SCSI_KINDS[kind] ?? (kind === '' ? 'lsilogic' : 'other');
  if (resourceType !== OTHER_STORAGE) return undefined;
  if (kind.includes('nvm')) return 'nvme';
  if (kind.includes('ahci') || kind.includes('sata')) return 'sata';
  return 'other';
}
