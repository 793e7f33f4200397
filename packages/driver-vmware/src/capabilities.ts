import type { Capabilities, Condition } from '@virt-drivers/core';
import { AS_FILES } from './as-files.js';
import { MOST_DISKS } from './convert/controllers.js';
import { KEY_PROVIDER, UEFI_FOR_TPM } from './encryption.js';
import { WITH_ACCOUNT } from './guest/account.js';
import { LINUX } from './guest/exec.js';
import { MOST_NICS } from './nics.js';
import { STOPPED_FOR_DEVICES } from './passthrough.js';
import { SAME_SIZE } from './storage/linking.js';
import { OWN_SIZE, SOFTWARE_ADAPTER } from './remote-volumes/conditions.js';

const always = true;
const WITH_TOOLS: Condition = { needs: 'guest-tools', reason: 'VMware Tools in the guest are what is asked.' };
const RUNNING: Condition = { needs: 'machine-running', reason: 'Only a running machine has memory and a guest.' };

const PORTS_OPEN: Condition = {
  needs: 'host-feature',
  value: 'remoteSerialPort',
  reason: 'Hosts listen for serial ports that the option serialPorts names, where their firewall lets them in.',
};

const withTools = { conditions: [WITH_TOOLS] } as const;
const withAccount = { conditions: [WITH_TOOLS, WITH_ACCOUNT, LINUX] } as const;

/** What vSphere's machines can do; `narrowings.ts` takes away what an endpoint lacks. */
export const capabilities = {
  hosts: { placement: always, usage: always },
  machines: {
    rename: always,
    resizeCold: always,
    resizeHot: {
      conditions: [
        {
          needs: 'machine-running',
          reason: 'Only upwards, and only to the maximum that the machine was made with: hot add is switched on then.',
        },
      ],
    },
    findByRecord: always,
    firmwareUefi: always,
    secureBoot: { conditions: [{ needs: 'firmware', value: 'uefi', reason: 'BIOS checks no signatures.' }] },
    cpuTopology: {
      conditions: [{ needs: 'machine-type', value: 'threads: 1', reason: 'Virtual processors have one thread each.' }],
    },
  },
  power: { stopGuest: { conditions: [WITH_TOOLS] }, rebootGuest: { conditions: [WITH_TOOLS] }, reset: always },
  volumes: {
    fromContent: {
      conditions: [
        {
          needs: 'volume-format',
          value: 'raw, vmdk (stream-optimised), iso',
          reason: 'Other formats are converted by nobody here; convert them before.',
        },
      ],
    },
    fromVolume: always,
    linkedClone: { conditions: [AS_FILES, SAME_SIZE] },
    growOnline: { conditions: [{ needs: 'no-snapshots', reason: 'A disk that snapshots continue cannot grow.' }] },
    export: {
      conditions: [{ needs: 'machine-stopped', reason: 'A file that a machine writes to reads as no moment of it.' }],
    },
    resolve: always,
  },
  disks: {
    attachRunning: {
      conditions: [
        {
          needs: 'bus',
          value: 'paravirtual',
          limit: { max: MOST_DISKS, per: 'bus' },
          reason: 'A machine has 4 SCSI controllers with 15 places each.',
        },
        { needs: 'bus', value: 'paravirtual, scsi, sata, nvme', reason: 'IDE takes no disk while the machine runs.' },
      ],
    },
    detachRunning: always,
    media: { conditions: [{ needs: 'volume-format', value: 'iso', reason: 'Drives read files of this format only.' }] },
    throughputLimit: {
      conditions: [
        {
          needs: 'machine-stopped',
          reason: 'Operations are limited at once; a limit of bytes takes effect at the next start.',
        },
      ],
    },
    multiAttach: {
      conditions: [
        {
          needs: 'volume-format',
          value: 'thick',
          reason: 'VMFS shares only disks whose space was set aside and zeroed before.',
        },
      ],
    },
  },
  nics: {
    attachRunning: {
      conditions: [
        { needs: 'bus', limit: { max: MOST_NICS, per: 'machine' }, reason: 'A machine has 10 nics at most.' },
      ],
    },
    detachRunning: always,
    linkState: always,
  },
  events: {},
  suspension: { save: always },
  snapshots: {
    memory: { conditions: [RUNNING] },
    quiesce: { conditions: [RUNNING, WITH_TOOLS] },
    revert: always,
    tree: always,
    running: always,
  },
  consoles: { serial: { conditions: [PORTS_OPEN] }, mks: always },
  migration: {
    live: always,
    offline: always,
    copyStorage: {
      conditions: [
        { needs: 'licence', value: 'Storage vMotion', reason: 'vCenter moves disks of machines, stopped or not.' },
      ],
    },
    abort: always,
  },
  guest: {
    ping: withTools,
    info: withTools,
    network: withTools,
    setPassword: withAccount,
    exec: withAccount,
    files: withAccount,
  },
  images: {},
  passthrough: { pci: { conditions: [STOPPED_FOR_DEVICES] }, mediated: { conditions: [STOPPED_FOR_DEVICES] } },
  encryption: { tpm: { conditions: [UEFI_FOR_TPM, KEY_PROVIDER] } },
  remoteVolumes: {
    iscsi: { conditions: [SOFTWARE_ADAPTER] },
    fibreChannel: always,
    nfs: {
      conditions: [
        { needs: 'volume-format', value: 'vmdk, iso', reason: 'Disks are descriptors with their data beside them.' },
      ],
    },
    poolObject: {
      conditions: [
        { needs: 'volume-format', value: 'vmdk', reason: 'First class disks of vSphere are what is attached.' },
      ],
    },
    multipath: always,
    mutualChap: always,
    extend: { conditions: [OWN_SIZE] },
  },
  diagnostics: {
    counters: {
      conditions: [
        {
          needs: 'machine-running',
          reason:
            'Totals of processor, disks and nics are sums of samples, which vSphere keeps for the first hour of a run.',
        },
      ],
    },
    screenshot: always,
    interrupt: always,
  },
  maintenance: { evacuate: always, rebootHost: always, powerOffHost: always },
} as const satisfies Capabilities;
