import { afterAll, describe, test } from '@jest/globals';
import { poolId } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { bootableGuest } from './boot.js';
import { describeBackend, type Ground } from './suite.js';

const peer = await requirePeer(() => startLibvirt({ name: 'files' }));

const ground = async (): Promise<Ground> => {
  if (!peer) throw new Error('There is no peer.');
  const open = await driver.open({ target: peer.uri });
  return { driver: open, pool: poolId('default'), guest: await bootableGuest(), stop: () => open.close() };
};

afterAll(() => peer?.stop());

// `requirePeer` has printed why there is none; with CI=true it threw instead.
if (!peer) describe.skip('backends of files', () => test('need a libvirt peer', () => undefined));
else {
  describeBackend('qcow2', ground, { format: 'qcow2', continues: true, grows: true, thick: true });
  describeBackend('raw', ground, { format: 'raw', continues: false, grows: true, thick: true });
}
