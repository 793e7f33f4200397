import type { Capabilities, Condition } from '@virt-drivers/core';
import { ENCRYPTS } from './encryption.js';
import { NEEDS_MULTIPATHD } from './host-initiator/unit-device.js';
import { MOST_DISKS } from './disk-planning.js';
import { MOST_NICS } from './nics.js';
import { LEARNS_SIZE } from './remote-volumes/extension.js';
import { SLOTS } from './slots.js';
import { ONLY_QCOW2 } from './snapshot-overlays.js';
import { CONTINUES } from './storage/copying.js';
import { NO_FOLDERS } from './suspension.js';

const always = true;
const WITH_AGENT: Condition = { needs: 'guest-agent', reason: 'QEMU’s guest agent in the guest does this.' };
const withAgent = { conditions: [WITH_AGENT] } as const;

/** QEMU's drivers for these protocols are in packages of their own. */
const needsBlockDriver = (protocol: string) => {
  const reason = `QEMU on the host must have its driver for ${protocol}: package qemu-block-extra (or qemu-block-${protocol}).`;
  return { conditions: [{ needs: 'host-feature', value: `qemu-block-${protocol}`, reason }] } as const;
};

/** What libvirt's machines can do; `narrowings.ts` takes away what an endpoint lacks. */
export const capabilities = {
  hosts: { usage: always },
  machines: {
    rename: always,
    resizeCold: always,
    resizeHot: {
      conditions: [
        {
          needs: 'machine-running',
          reason: 'Only up to the maximum that the machine was started with, which QEMU reserves then.',
        },
        {
          needs: 'guest-cooperation',
          reason: 'Memory moves by the balloon, and fewer processors need a guest that lets go of them.',
        },
      ],
    },
    firmwareUefi: {
      conditions: [{ needs: 'host-feature', value: 'ovmf', reason: 'The firmware is a file that the host must have.' }],
    },
    secureBoot: {
      conditions: [
        { needs: 'firmware', value: 'uefi', reason: 'BIOS checks no signatures.' },
        {
          needs: 'host-feature',
          value: 'ovmf-secure',
          reason: 'Only firmware that was built for it, with keys, checks signatures.',
        },
      ],
    },
    cpuTopology: always,
  },
  power: { stopGuest: always, rebootGuest: always, reset: always },
  volumes: {
    fromContent: {
      conditions: [
        {
          needs: 'volume-format',
          value: 'raw, qcow2, iso',
          reason: 'The host converts between these by its storage API; others are refused.',
        },
      ],
    },
    fromVolume: always,
    linkedClone: { conditions: [CONTINUES] },
    growOnline: {
      conditions: [
        {
          needs: 'pool-kind',
          value: 'directory, object',
          reason:
            'libvirt makes no logical volume larger; one grows by being copied, of a stopped machine. PowerFlex’s do grow.',
        },
        { needs: 'volume-format', value: 'qcow2, raw', reason: 'QEMU makes no image in Parallels’ format larger.' },
      ],
    },
    export: {
      conditions: [{ needs: 'machine-stopped', reason: 'A file that a machine writes to reads as no moment of it.' }],
    },
    resolve: always,
  },
  disks: {
    attachRunning: {
      conditions: [
        SLOTS,
        {
          needs: 'bus',
          value: 'paravirtual, scsi',
          limit: { max: MOST_DISKS, per: 'machine' },
          reason: 'SATA and IDE take no disk while the machine runs.',
        },
      ],
    },
    detachRunning: {
      conditions: [
        {
          needs: 'guest-cooperation',
          reason: 'The guest must let go of the disk, or the detach ends with DISK.DETACH_REFUSED.',
        },
      ],
    },
    media: always,
    throughputLimit: always,
    multiAttach: {
      conditions: [
        { needs: 'volume-format', value: 'raw', reason: 'Two writers of one qcow2 file destroy its tables.' },
      ],
    },
    serial: always,
  },
  nics: {
    attachRunning: {
      conditions: [
        SLOTS,
        { needs: 'bus', limit: { max: MOST_NICS, per: 'machine' }, reason: 'Every nic takes a slot of its own.' },
      ],
    },
    detachRunning: { conditions: [{ needs: 'guest-cooperation', reason: 'The guest must let go of the nic.' }] },
    linkState: always,
    bandwidthLimit: {
      conditions: [
        { needs: 'host-feature', value: 'sch_htb, sch_sfq', reason: 'The host’s kernel does the shaping, with these.' },
      ],
    },
  },
  events: {},
  suspension: { pause: always, save: { conditions: [NO_FOLDERS] } },
  snapshots: {
    memory: { conditions: [ONLY_QCOW2] },
    quiesce: {
      conditions: [
        WITH_AGENT,
        { needs: 'machine-running', reason: 'Only a running guest can bring its file systems to rest.' },
      ],
    },
    revert: always,
    tree: always,
    running: always,
  },
  consoles: {
    serial: always,
    vnc: always,
    spice: {
      conditions: [
        {
          needs: 'host-feature',
          value: 'spice',
          reason: 'QEMU must be built with SPICE, and the machine made with it.',
        },
      ],
    },
    log: {
      conditions: [
        {
          needs: 'pool-kind',
          value: 'directory',
          reason: 'The log is a file in a directory pool, from where the storage API reads it on any host.',
        },
      ],
    },
  },
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
    copyStorage: {
      conditions: [
        {
          needs: 'machine-running',
          reason:
            'QEMU copies disks of a running machine; of a stopped one only volumes that continue no other are copied.',
        },
      ],
    },
    abort: always,
    bandwidthLimit: always,
    force: always,
  },
  images: {},
  encryption: { volume: { conditions: [ENCRYPTS] } },
  diagnostics: {
    counters: always,
    screenshot: always,
    crashDump: {
      conditions: [
        {
          needs: 'pool-kind',
          value: 'directory',
          reason: 'The host writes the dump into a directory pool, which needs room for it, and it is read from there.',
        },
      ],
    },
    interrupt: always,
  },
  remoteVolumes: {
    iscsi: needsBlockDriver('iscsi'),
    rbd: needsBlockDriver('rbd'),
    nfs: needsBlockDriver('nfs'),
    nbd: always,
    fibreChannel: {
      conditions: [
        {
          needs: 'host-feature',
          value: 'fc_host',
          reason: 'The host must have an adapter in the fabric, and be let in to the unit.',
        },
      ],
    },
    multipath: { conditions: [NEEDS_MULTIPATHD] },
    extend: { conditions: [LEARNS_SIZE] },
    swap: { conditions: [{ needs: 'machine-running', reason: 'QEMU copies while the machine runs.' }] },
  },
} as const satisfies Capabilities;
