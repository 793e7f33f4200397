import type { Capabilities } from '@virt-drivers/core';
import {
  CONTENT_FORMAT,
  DISK_LIMIT_CONDITIONS,
  GUEST_AGENT,
  GUEST_LETS_GO,
  HOT_PLUG_BUS,
  NIC_LIMIT,
  NO_SNAPSHOTS,
  RESIZE_MAXIMUM,
  UEFI,
} from './limits.js';

const always = true;
const withAgent = { conditions: [GUEST_AGENT] } as const;

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
  nics: {
    attachRunning: { conditions: [NIC_LIMIT] },
    detachRunning: always,
    linkState: always,
    bandwidthLimit: always,
  },
  events: { resume: always, tasks: always },
  suspension: { pause: always, save: always },
  snapshots: { memory: always, quiesce: withAgent, revert: always, tree: always, running: always },
  consoles: { serial: always, vnc: always, log: always },
  guest: {
    ping: withAgent,
    info: withAgent,
    network: withAgent,
    setPassword: withAgent,
    quiesce: withAgent,
    exec: withAgent,
    files: withAgent,
  },
  migration: {
    live: always,
    offline: always,
    copyStorage: always,
    abort: always,
    postCopy: always,
    compress: always,
    encrypt: always,
    bandwidthLimit: always,
    force: always,
  },
  images: { prefetch: always },
  diagnostics: { counters: always, screenshot: always, crashDump: always, interrupt: always },
  maintenance: { evacuate: always, rebootHost: always, powerOffHost: always },
  passthrough: { pci: always, mediated: always, usb: always, attachRunning: always },
  shares: { attachRunning: always, readOnly: always },
  encryption: { volume: always, tpm: always, memory: always },
  remoteVolumes: {
    iscsi: always,
    rbd: always,
    nfs: always,
    smb: always,
    nbd: always,
    nvmeTcp: always,
    fibreChannel: always,
    poolObject: always,
    multipath: always,
    mutualChap: always,
    swap: always,
    extend: always,
  },
  tasks: { list: always },
} as const satisfies Capabilities;
