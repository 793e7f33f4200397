import type { FormatInspector } from './format-inspector.js';
import { bochs, cloop, dmg, qcow } from './formats/foreign.js';
import { iso } from './formats/iso.js';
import { luks } from './formats/luks.js';
import { parallels } from './formats/parallels.js';
import { qcow2 } from './formats/qcow2.js';
import { qed } from './formats/qed.js';
import { vdi } from './formats/vdi.js';
import { vhd } from './formats/vhd.js';
import { vhdx } from './formats/vhdx.js';
import { vmdk } from './formats/vmdk.js';

/** Every format with a signature. Raw is what remains when none matches. */
export const FORMAT_INSPECTORS: readonly FormatInspector[] = [
  qcow2,
  vmdk,
  vhd,
  vhdx,
  vdi,
  qed,
  parallels,
  luks,
  iso,
  qcow,
  bochs,
  cloop,
  dmg,
];
