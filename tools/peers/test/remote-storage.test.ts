import { expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { requirePeer, runCommand, startIscsi, startNbd } from '../src/index.js';
import { describeWith } from '../src/jest.js';

const size = 1 << 20;
const info = async (url: string): Promise<number> => {
  const { stdout } = await runCommand('qemu-img', ['info', '--output=json', url]);
  return (JSON.parse(stdout) as { readonly 'virtual-size': number })['virtual-size'];
};

const iscsi = await requirePeer(startIscsi);

describeWith('an iSCSI target', iscsi, (iscsi) => {
  it('has units at both portals, for its account only, and is gone with its peer', async () => {
    if (!iscsi) return;
    const { portals, target, account, addUnit, growUnit, file } = iscsi;
    const lun = await addUnit(size);
    const url = ({ host, port }: (typeof portals)[number], login: string) =>
      `iscsi://${login}@${host}:${port}/${target}/${lun}`;
    const login = `${account.user}%${account.password}`;
    for (const portal of portals) expect(await info(url(portal, login))).toBe(size);
    await expect(info(url(portals[0], `${account.user}%wrongwrong00`))).rejects.toThrow(/uthentication|uthorization/);
    await growUnit(lun, 2 * size);
    expect(await info(url(portals[1], login))).toBe(2 * size);
    await iscsi.closePortal(portals[0]);
    await expect(info(url(portals[0], login))).rejects.toThrow(/Failed to connect/);
    await iscsi.openPortal(portals[0]);
    expect(await info(url(portals[0], login))).toBe(2 * size);
    expect(await iscsi.initiators()).toEqual([]);
    await iscsi.stop();
    await iscsi.stop();
    expect(existsSync(file(lun))).toBe(false);
  }, 60_000);
});

const nbd = await requirePeer(startNbd);

describeWith('an NBD server', nbd, (nbd) => {
  it('serves exports by name, fails when told to, and is gone with its peer', async () => {
    if (!nbd) return;
    await nbd.addExport('one', size);
    const url = `nbd://${nbd.server.host}:${nbd.server.port}/one`;
    const write = (byte: string) => runCommand('qemu-io', ['-f', 'raw', '-c', `write -P ${byte} 0 4096`, url]);
    expect(await info(url)).toBe(size);
    await write('0x5a');
    expect(readFileSync(nbd.file('one')).subarray(0, 4096)).toEqual(Buffer.alloc(4096, 0x5a));
    await nbd.fail('writes', true);
    expect((await write('0x11').catch(String)).toString()).toMatch(/Input\/output error/);
    await nbd.fail('writes', false);
    await nbd.cut();
    await expect(info(url)).rejects.toThrow(/refused/);
    await nbd.restore();
    await write('0x12');
    expect(readFileSync(nbd.file('one'))[0]).toBe(0x12);
    await nbd.stop();
    expect(existsSync(nbd.file('one'))).toBe(false);
  }, 60_000);
});
