import { afterAll } from '@jest/globals';
import { poolId } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { bootableGuest } from './boot.js';
import { describeBackend, type Ground } from './suite.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt({ name: 'files' }));

const ground = async (): Promise<Ground> => {
  if (!peer) throw new Error('There is no peer.');
  const open = await driver.open({ target: peer.uri });
  return { driver: open, pool: poolId('default'), guest: await bootableGuest(), stop: () => open.close() };
};

afterAll(() => peer?.stop());

describeWith('backends of files', peer, () => {
  describeBackend('qcow2', ground, { format: 'qcow2', continues: true, thick: true });
  describeBackend('ploop', ground, { format: 'parallels', continues: false, thick: false, growsOnline: false });
  describeBackend('raw', ground, { format: 'raw', continues: false, thick: true });
});
