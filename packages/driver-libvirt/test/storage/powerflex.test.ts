import { afterAll } from '@jest/globals';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { bootableGuest } from '../backends/boot.js';
import { describeBackend, type Ground } from '../backends/suite.js';
import { startFlexGround } from '../powerflex/flex-ground.js';

const flex = await requirePeer(() => startFlexGround('flex-suite'));

afterAll(() => flex?.stop(), 60_000);

const ground = async (): Promise<Ground> => {
  if (!flex) throw new Error('There is no peer.');
  const driver = await flex.open();
  return { driver, pool: flex.pool, guest: await bootableGuest(), stop: () => driver.close() };
};

// The gateway is simulated, and files stand for devices; libvirt, QEMU and the guest are real.
describeWith('volumes of PowerFlex, simulated', flex, () => {
  describeBackend('powerflex', ground, { format: 'raw', continues: true, thick: false, unit: 8n << 30n });
});
