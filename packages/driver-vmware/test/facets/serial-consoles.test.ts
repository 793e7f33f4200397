import { afterAll, afterEach, expect, test } from '@jest/globals';
import { CASES, runConformance } from '@virt-drivers/conformance';
import { Secret, type Machine } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { describeWith } from '@virt-drivers/peers/jest';
import { driver } from '../../src/index.js';
import { plainSpec } from '../lifecycle.js';
import { witnessedCenter } from '../simulated-center.js';

// Below those that systems hand out themselves, and apart from what other tests listen on.
const first = 20_000 + (process.pid % 500) * 20;
const serialPorts = { first, last: first + 15 };
const center = await witnessedCenter({ machines: 0 });
afterAll(() => center?.stop());

describeWith('serial ports that hosts listen for', center, (center) => {
  const { proxy, peer } = center;
  const made: Machine[] = [];
  afterEach(async () => {
    for (const { id } of made.splice(0)) await center.driver.machines.delete(id, { kill: true });
  });

  /** The ports as another client sees them. */
  async function portsByGovc({ name }: Machine): Promise<readonly string[]> {
    const seen = await peer.govc(['device.info', '-json', '-vm', name, 'serialport-*']).catch(() => '');
    return [...seen.matchAll(/"serviceURI": "tcp:\/\/:(\d+)"/gi)].map(([, port = '']) => port);
  }

  test('machines have one each, unless they want none or the option names none', async () => {
    const open = await center.open({ serialPorts });
    const make = async (name: string, more = {}, by = open) => {
      const machine = await by.machines.create(plainSpec(name, more));
      made.push(machine);
      return portsByGovc(machine);
    };
    const [one, two] = await Promise.all([make('one'), make('two')]);
    for (const [port] of [one, two]) {
      expect(Number(port)).toBeGreaterThanOrEqual(first);
      expect(Number(port)).toBeLessThanOrEqual(serialPorts.last);
    }
    expect(one).not.toEqual(two);
    expect(await make('mute', { serialPort: false })).toEqual([]);
    expect(await make('plain', {}, center.driver)).toEqual([]);
    expect(center.driver.supports('consoles.serial')).toBeUndefined();
  });

  test('when all ports are taken a machine is refused, and none is left', async () => {
    const open = await center.open({ serialPorts: { first, last: first } });
    made.push(await open.machines.create(plainSpec('only')));
    await expect(open.machines.create(plainSpec('late'))).rejects.toMatchObject({ code: 'HOST.NOT_ENOUGH_RESOURCES' });
    expect((await open.machines.list().all()).map(({ name }) => name)).toEqual(['only']);
  });

  test('a port that nobody listens at is unavailable, and says what to look at', async () => {
    const open = await center.open({ serialPorts });
    const machine = await open.machines.create(plainSpec('behind-a-wall'));
    made.push(machine);
    // Past the proxy, so that it listens for nothing.
    await peer.govc(['vm.power', '-on', machine.name]);
    await expect(
      open.consoles?.serial?.(machine.id, {}, { deadline: deadlineIn({ seconds: 10 }) }),
    ).rejects.toMatchObject({ code: 'CONSOLE.UNAVAILABLE', message: expect.stringContaining('firewall') });
  });

  test('the driver ends its attachments when it closes', async () => {
    const open = await center.open({ serialPorts });
    const machine = await open.machines.create(plainSpec('attached'));
    made.push(machine);
    await open.power.start(machine.id);
    const console = await open.consoles?.serial?.(machine.id);
    await open.close();
    const read: Uint8Array[] = [];
    for await (const chunk of console?.output ?? []) read.push(chunk);
    expect(read).toEqual([]);
    await expect(console?.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'CONSOLE.UNAVAILABLE' });
  });

  test('the suite’s cases of serial ports pass', async () => {
    const wanted = CASES.filter(
      ({ id, requires }) => id.startsWith('consoles/') && requires.includes('consoles.serial'),
    );
    const only = wanted.filter(({ requires }) => !requires.includes('consoles.log')).map(({ id }) => id);
    const { results } = await runConformance({
      driver,
      target: `vsphere+http://${peer.username}@${new URL(proxy.url).host}`,
      options: { password: new Secret(peer.password), serialPorts },
      simulator: { name: 'serial ports of the proxy' },
      only,
    });
    expect(only.length).toBeGreaterThanOrEqual(5);
    expect(results.map(({ id }) => id)).toEqual(only);
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  }, 120_000);
});
