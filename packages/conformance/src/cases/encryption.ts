import { mebibytes, Secret, type Encryption } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectError } from '../expect-error.js';

/** The facet with members that the case requires. */
const encryptionOf = ({ driver }: Bench): Required<Encryption> => driver.encryption as Required<Encryption>;

export const encryption: readonly ConformanceCase[] = [
  {
    id: 'encryption/volume',
    title: 'An encrypted volume is made, unlocked and locked again; locking twice succeeds.',
    requires: ['encryption.volume'],
    deadlineSeconds: 60,
    async run(bench) {
      const facet = encryptionOf(bench);
      const key = new Secret('key-9f2c');
      const request = { pool: bench.pool.id, name: bench.name('secret'), sizeBytes: mebibytes(16) };
      const { id } = await facet.createVolume(request, key, bench.call);
      bench.ledger.volume(id);
      await facet.unlockVolume(id, key, bench.call);
      await facet.lockVolume(id, bench.call);
      await facet.lockVolume(id, bench.call);
      await expectError(
        facet.unlockVolume({ pool: bench.pool.id, key: 'no-such-volume-9f2c' }, key, bench.call),
        'VOLUME.NOT_FOUND',
      );
    },
  },
  {
    id: 'encryption/tpm',
    title: 'A machine gets a TPM, starts with it, and loses it again; both may be repeated.',
    requires: ['encryption.tpm'],
    deadlineSeconds: 60,
    async run(bench) {
      const facet = encryptionOf(bench);
      const uefi = bench.condition('encryption.tpm', 'firmware')?.value === 'uefi';
      const { id } = await bench.machine({ boot: { firmware: uefi ? 'uefi' : 'bios' } });
      for (let i = 0; i < 2; i += 1) await facet.setTpm(id, true, bench.call);
      await bench.driver.power.start(id, bench.call);
      await bench.driver.power.kill(id, bench.call);
      for (let i = 0; i < 2; i += 1) await facet.setTpm(id, false, bench.call);
      assert.equal((await bench.driver.machines.get(id, bench.call)).state, 'stopped');
    },
  },
];
