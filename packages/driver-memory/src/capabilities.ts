import type { Capabilities } from '@virt-drivers/core';
import {
  CONTENT_FORMAT,
  DISK_LIMIT_CONDITIONS,
  GUEST_LETS_GO,
  HOT_PLUG_BUS,
  NIC_LIMIT,
  NO_SNAPSHOTS,
  RESIZE_MAXIMUM,
  UEFI,
} from './limits.js';

const always = true;

/**
 * What a world can do: all of the contract, but what would be a lie in memory. Screens other than VNC have no server
 * here, and there is no member that clones a machine.
 */
export const capabilities = {
  hosts: { placement: always, usage: always },
  machines: {
    rename: always,
    resizeCold: always,
    resizeHot: { conditions: [RESIZE_MAXIMUM] },
    findByRecord: always,
    firmwareUefi: always,
    secureBoot: { conditions: [UEFI] },
    cpuTopology: always,
  },
  power: { stopGuest: always, rebootGuest: always, reset: always },
  volumes: {
    fromContent: { conditions: [CONTENT_FORMAT] },
    fromVolume: always,
    linkedClone: always,
    growOnline: { conditions: [NO_SNAPSHOTS] },
    export: always,
    snapshotVolume: always,
    resolve: always,
  },
  disks: {
    attachRunning: { conditions: [HOT_PLUG_BUS, ...DISK_LIMIT_CONDITIONS] },
    detachRunning: { conditions: [HOT_PLUG_BUS, GUEST_LETS_GO] },
    media: always,
    throughputLimit: always,
    multiAttach: always,
    serial: always,
  },
  nics: { attachRunning: { conditions: [NIC_LIMIT] }, detachRunning: always, linkState: always, bandwidthLimit: always },
  events: { resume: always, tasks: always },
} as const satisfies Capabilities;
