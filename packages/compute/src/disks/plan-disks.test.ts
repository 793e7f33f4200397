import { describe, expect, test } from '@jest/globals';
import { bitsPerSecond, gibibytes, mebibytes, poolId } from '@virt-drivers/core';
import { planDisks, type DiskPlanInput } from './plan-disks.js';

const base: DiskPlanInput = { instanceId: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', pool: poolId('default'), root: {} };
const image = { sha256: 'ab'.repeat(32), format: 'qcow2', virtualSizeBytes: gibibytes(2) } as const;

describe('planDisks', () => {
  test('plans every kind of disk, in the order in which the guest sees them', () => {
    const plan = planDisks({
      ...base,
      image,
      root: { sizeBytes: gibibytes(10), format: 'qcow2', provisioning: 'thin' },
      ephemerals: [
        { sizeBytes: gibibytes(1) },
        {
          sizeBytes: gibibytes(3),
          pool: poolId('fast'),
          bus: 'scsi',
          limits: { throughput: bitsPerSecond(8_000_000) },
        },
      ],
      swap: { sizeBytes: mebibytes(256), format: 'raw' },
      configDrive: { sizeBytes: mebibytes(1), device: 'media' },
    });
    expect(plan).toMatchInlineSnapshot(`
[
  {
    "attachment": {
      "device": "disk",
      "serial": "root-00c04fd430c8",
    },
    "format": "qcow2",
    "origin": {
      "format": "qcow2",
      "kind": "image",
      "sha256": "abababababababababababababababababababababababababababababababab",
    },
    "pool": "default",
    "provisioning": "thin",
    "role": "root",
    "sizeBytes": 10737418240n,
    "volumeName": "6ba7b810-9dad-11d1-80b4-00c04fd430c8-root",
  },
  {
    "attachment": {
      "device": "disk",
      "serial": "eph0-00c04fd430c8",
    },
    "origin": {
      "kind": "blank",
    },
    "pool": "default",
    "role": "ephemeral",
    "sizeBytes": 1073741824n,
    "volumeName": "6ba7b810-9dad-11d1-80b4-00c04fd430c8-ephemeral0",
  },
  {
    "attachment": {
      "bus": "scsi",
      "device": "disk",
      "limits": {
        "throughput": 8000000n,
      },
      "serial": "eph1-00c04fd430c8",
    },
    "origin": {
      "kind": "blank",
    },
    "pool": "fast",
    "role": "ephemeral",
    "sizeBytes": 3221225472n,
    "volumeName": "6ba7b810-9dad-11d1-80b4-00c04fd430c8-ephemeral1",
  },
  {
    "attachment": {
      "device": "disk",
      "serial": "swap-00c04fd430c8",
    },
    "format": "raw",
    "origin": {
      "kind": "blank",
    },
    "pool": "default",
    "role": "swap",
    "sizeBytes": 268435456n,
    "volumeName": "6ba7b810-9dad-11d1-80b4-00c04fd430c8-swap",
  },
  {
    "attachment": {
      "device": "media",
      "readOnly": true,
      "serial": "config-00c04fd430c8",
    },
    "origin": {
      "kind": "content",
    },
    "pool": "default",
    "role": "config",
    "sizeBytes": 1048576n,
    "volumeName": "6ba7b810-9dad-11d1-80b4-00c04fd430c8-config",
  },
]
`);
  });

  test('makes the root disk as large as its image when no size is asked for', () => {
    expect(planDisks({ ...base, image })[0]).toMatchObject({ sizeBytes: gibibytes(2) });
  });

  test('plans the other disks of an image after the root disk, where that one is', () => {
    const part = { sha256: 'cd'.repeat(32), format: 'raw', virtualSizeBytes: gibibytes(1) } as const;
    const further = [part, { ...part, bus: 'sata' as const }];
    const plan = planDisks({
      ...base,
      image: { ...image, bus: 'ide', further },
      root: { pool: poolId('fast'), format: 'qcow2', provisioning: 'thick', sizeBytes: gibibytes(9) },
      swap: { sizeBytes: mebibytes(1) },
    });
    expect(plan.map(({ role, volumeName }) => [role, volumeName.slice(37)])).toEqual([
      ['root', 'root'],
      ['image', 'image1'],
      ['image', 'image2'],
      ['swap', 'swap'],
    ]);
    expect(plan[2]).toEqual({
      role: 'image',
      volumeName: `${base.instanceId}-image2`,
      pool: 'fast',
      format: 'qcow2',
      provisioning: 'thick',
      sizeBytes: gibibytes(1),
      origin: { kind: 'image', sha256: part.sha256, format: 'raw' },
      attachment: { device: 'disk', bus: 'sata', serial: 'image2-00c04fd430c8' },
    });
    expect(plan.map(({ attachment }) => attachment.bus)).toEqual(['ide', undefined, 'sata', undefined]);
  });

  test('puts all disks of an image on the bus that was asked for', () => {
    const part = { sha256: 'cd'.repeat(32), format: 'raw', virtualSizeBytes: gibibytes(1), bus: 'nvme' } as const;
    const plan = planDisks({ ...base, image: { ...part, further: [part] }, root: { bus: 'scsi' } });
    expect(plan.map(({ attachment }) => attachment.bus)).toEqual(['scsi', 'scsi']);
  });

  test('plans the same disks from the same input', () => {
    const input = { ...base, image, ephemerals: [{ sizeBytes: gibibytes(1) }] };
    expect(planDisks(input)).toEqual(planDisks(structuredClone(input)));
  });

  test('gives every disk its own name and a serial that a guest can read', () => {
    const ephemerals = Array.from({ length: 30 }, () => ({ sizeBytes: gibibytes(1) }));
    const plan = planDisks({ ...base, image, ephemerals, swap: { sizeBytes: mebibytes(1) } });
    expect(new Set(plan.map(({ volumeName }) => volumeName)).size).toBe(plan.length);
    expect(new Set(plan.map(({ attachment }) => attachment.serial)).size).toBe(plan.length);
    for (const { attachment } of plan) expect(attachment.serial).toMatch(/^[A-Za-z0-9_-]{1,20}$/);
  });

  test('refuses a root disk smaller than its image', () => {
    const input = { ...base, image, root: { sizeBytes: gibibytes(1) } };
    expect(() => planDisks(input)).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
  });

  test('refuses a root disk of no size', () => {
    expect(() => planDisks(base)).toThrow(/neither an image nor a size/);
  });
});
