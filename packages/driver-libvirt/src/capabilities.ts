import type { Capabilities } from '@virt-drivers/core';
import { MOST_DISKS } from './disk-planning.js';
import { MOST_NICS } from './nics.js';
import { SLOTS } from './slots.js';

const always = true;

/** What libvirt's machines can do; `narrowings.ts` takes away what an endpoint lacks. */
export const capabilities = {
  hosts: { usage: always },
  machines: {
    rename: always,
    resizeCold: always,
    resizeHot: {
      conditions: [
        { needs: 'machine-running', reason: 'Only up to the maximum that the machine was started with, which QEMU reserves then.' },
        { needs: 'guest-cooperation', reason: 'Memory moves by the balloon, and fewer processors need a guest that lets go of them.' },
      ],
    },
    firmwareUefi: { conditions: [{ needs: 'host-feature', value: 'ovmf', reason: 'The firmware is a file that the host must have.' }] },
    secureBoot: {
      conditions: [
        { needs: 'firmware', value: 'uefi', reason: 'BIOS checks no signatures.' },
        { needs: 'host-feature', value: 'ovmf-secure', reason: 'Only firmware that was built for it, with keys, checks signatures.' },
      ],
    },
    cpuTopology: always,
  },
  power: { stopGuest: always, rebootGuest: always, reset: always },
  volumes: {
    fromContent: {
      conditions: [{ needs: 'volume-format', value: 'raw, qcow2, iso', reason: 'The host converts between these by its storage API; others are refused.' }],
    },
    fromVolume: always,
    linkedClone: { conditions: [{ needs: 'volume-format', value: 'qcow2', reason: 'Only qcow2 can continue another volume.' }] },
    growOnline: always,
    export: {
      conditions: [{ needs: 'machine-stopped', reason: 'A file that a machine writes to reads as no moment of it.' }],
    },
    resolve: always,
  },
  disks: {
    attachRunning: {
      conditions: [
        SLOTS,
        { needs: 'bus', value: 'paravirtual, scsi', limit: { max: MOST_DISKS, per: 'machine' }, reason: 'SATA and IDE take no disk while the machine runs.' },
      ],
    },
    detachRunning: { conditions: [{ needs: 'guest-cooperation', reason: 'The guest must let go of the disk, or the detach ends with DISK.DETACH_REFUSED.' }] },
    media: always,
    throughputLimit: always,
    multiAttach: { conditions: [{ needs: 'volume-format', value: 'raw', reason: 'Two writers of one qcow2 file destroy its tables.' }] },
    serial: always,
  },
  nics: {
    attachRunning: { conditions: [SLOTS, { needs: 'bus', limit: { max: MOST_NICS, per: 'machine' }, reason: 'Every nic takes a slot of its own.' }] },
    detachRunning: { conditions: [{ needs: 'guest-cooperation', reason: 'The guest must let go of the nic.' }] },
    linkState: always,
    bandwidthLimit: { conditions: [{ needs: 'host-feature', value: 'sch_htb, sch_sfq', reason: 'The host’s kernel does the shaping, with these.' }] },
  },
  events: {},
  suspension: { pause: always, save: always },
} as const satisfies Capabilities;
