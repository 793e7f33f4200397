import { expect, test } from '@jest/globals';
import { poolId } from '@virt-drivers/core';
import { parentVolume } from './parent-hint.js';

const pool = poolId('datastore-9');
const id = { pool, key: 'virt-drivers/web/web.vmdk' };
const store = { name: 'fast', url: 'ds:///vmfs/volumes/5f3c-aa/' };

test.each([
  ['beside it', 'base.vmdk', 'virt-drivers/web/base.vmdk'],
  ['by the datastore’s uuid', '/vmfs/volumes/5f3c-aa/images/1/image.vmdk', 'images/1/image.vmdk'],
  ['by the datastore’s name', '/vmfs/volumes/fast/images/1/image.vmdk', 'images/1/image.vmdk'],
  ['on another datastore', '/vmfs/volumes/other/images/1/image.vmdk', undefined],
  ['outside', '../../secret.vmdk', undefined],
  ['somewhere on the host', '/etc/passwd', undefined],
  ['by its content only', '', undefined],
])('a parent %s', (_title, hint, key) => {
  expect(parentVolume(hint, id, store)).toEqual(key === undefined ? undefined : { pool, key });
});
