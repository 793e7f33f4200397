import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mebibytes, type OpenDriver } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { createCompute, type Compute, type StepProgress } from '../src/index.js';
import { fullSpec, image, imageContent, memoryEndpoint, type MemoryEndpoint } from './memory-endpoint.js';
import { unreliable } from './unreliable-driver.js';

describe('operations on an instance', () => {
  let endpoint: MemoryEndpoint;
  let driver: OpenDriver;
  let compute: Compute;
  beforeEach(async () => {
    endpoint = await memoryEndpoint();
    driver = await endpoint.open();
    compute = createCompute(driver, { gate: endpoint.gate });
  });
  afterEach(() => endpoint.close());
  const soon = () => ({ deadline: deadlineIn({ seconds: 10 }) });
  const stateOf = async (instanceId: string): Promise<string> => (await compute.show(instanceId)).machine.state;

  test('power goes through, and force stops a guest that does not listen', async () => {
    const { instanceId } = await compute.spawn(fullSpec({ extensions: { memory: { guest: 'deaf' } } }));
    await compute.power.pause(instanceId);
    expect(await stateOf(instanceId)).toBe('paused');
    await compute.power.resume(instanceId);
    await compute.power.reset(instanceId);
    await compute.power.reboot(instanceId);
    const shortly = { deadline: deadlineIn({ milliseconds: 200 }) };
    expect(await compute.power.stop(instanceId, { ...shortly, force: true })).toBe('stopped');
    expect(await stateOf(instanceId)).toBe('stopped');
    await compute.power.start(instanceId);
    expect(await stateOf(instanceId)).toBe('running');
    await compute.power.kill(instanceId);
    expect(await stateOf(instanceId)).toBe('stopped');
  });

  test('the guest reads its metadata from the config drive and says so on its console', async () => {
    const { instanceId } = await compute.spawn(fullSpec({ name: 'Web Server' }));
    let printed = '';
    for await (const piece of compute.consoleLog(instanceId, { follow: true }, soon())) {
      printed += Buffer.from(piece).toString('utf8');
      if (printed.includes('metadata sha256=')) break;
    }
    expect(printed).toContain(`metadata uuid=${instanceId} hostname=web-server name=Web Server`);
    expect(printed).toMatch(/config-drive .*files=meta_data.json,network_data.json,vendor_data.json/);
  });

  test('consoles open', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const serial = await compute.openConsole(instanceId, { takeOver: true }, soon());
    await serial.close();
    expect(await compute.screen(instanceId, 'vnc')).toMatchObject({ protocol: 'vnc' });
    await expect(compute.screen(instanceId, 'rdp')).rejects.toMatchObject({ code: 'CAPABILITY.ABSENT' });
  });

  test('snapshots are taken, listed, reverted to and forgotten', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const first = await compute.snapshots.create(instanceId, { name: 'first' });
    await compute.snapshots.create(instanceId, { name: 'second' });
    expect((await compute.snapshots.list(instanceId)).map(({ name }) => name)).toEqual(['first', 'second']);
    await compute.snapshots.revert(instanceId, first.id);
    await compute.snapshots.delete(instanceId, first.id);
    expect((await compute.snapshots.list(instanceId)).map(({ name }) => name)).toEqual(['second']);
  });

  test.each([
    ['running', async () => undefined],
    ['paused', (id: string) => compute.power.pause(id)],
    ['saved', async (id: string) => driver.suspension?.save?.((await compute.show(id)).machine.id)],
    [
      'with snapshots',
      async (id: string) => {
        await compute.snapshots.create(id, { name: 'one' });
        await compute.snapshots.create(id, { name: 'two' });
      },
    ],
  ])('destroy removes all of an instance that is %s', async (_name, prepare) => {
    const { instanceId } = await compute.spawn(fullSpec());
    await prepare(instanceId);
    await compute.destroy(instanceId);
    expect(await endpoint.leftovers()).toEqual({ machines: [], volumes: [] });
  });

  test('what the endpoint does not have is named, with the reason', async () => {
    const poor = createCompute(await endpoint.open('snapshots,consoles,suspension.pause,power.reset'), {
      gate: endpoint.gate,
    });
    const { instanceId } = await poor.spawn(fullSpec());
    const absent = { code: 'CAPABILITY.ABSENT', message: expect.stringMatching(/asks for an endpoint without it/) };
    await expect(poor.snapshots.create(instanceId, { name: 'no' })).rejects.toMatchObject(absent);
    await expect(poor.openConsole(instanceId)).rejects.toMatchObject(absent);
    await expect(poor.power.pause(instanceId)).rejects.toMatchObject(absent);
    await expect(poor.power.reset(instanceId)).rejects.toMatchObject(absent);
    await poor.destroy(instanceId);
  });

  test('an instance that is not there is not found', async () => {
    const { instanceId } = fullSpec();
    await expect(compute.show(instanceId)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
    await expect(compute.power.start(instanceId)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
    await expect(compute.show('nonsense')).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });

  test('an image goes through the host image cache where there is one, else by its bytes', async () => {
    const rich = unreliable(driver);
    await createCompute(rich.driver, { gate: endpoint.gate }).spawn(fullSpec());
    expect(rich.calls).toContain('images.ensure');
    const plain = unreliable(await endpoint.open('images'));
    await createCompute(plain.driver, { gate: endpoint.gate }).spawn(fullSpec());
    expect(plain.calls).not.toContain('images.ensure');
    expect(plain.calls.filter((call) => call === 'volumes.createFromContent')).toHaveLength(2);
  });

  test('destroy waits for a volume that is busy', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    endpoint.world.faults.inject({
      facet: 'volumes',
      member: 'delete',
      times: 3,
      effect: { kind: 'busy', heldBy: 'a copy' },
    });
    await compute.destroy(instanceId);
    expect(await endpoint.leftovers()).toEqual({ machines: [], volumes: [] });
  });

  test('progress of transfers is told step by step', async () => {
    const seen: StepProgress[] = [];
    const plain = createCompute(await endpoint.open('images'), { gate: endpoint.gate });
    await plain.spawn(fullSpec(), { onProgress: (event) => void seen.push(event) });
    const root = seen.filter(({ step }) => step === 'create root');
    expect(root.at(-1)?.progress.totalBytes).toBe(BigInt(imageContent.length));
  });

  test('a root disk holds the image', async () => {
    const declaration = { format: 'raw' as const };
    const content = Buffer.alloc(1_048_576, 'root');
    const input = {
      ...image,
      open: async function* () {
        yield content;
      },
    };
    const { record } = await compute.spawn(
      fullSpec({ image: { input, declaration }, root: { sizeBytes: mebibytes(2), format: 'raw' }, start: false }),
    );
    const pieces: Uint8Array[] = [];
    for await (const piece of driver.volumes.export!(record.disks[0]!.volume as never)) pieces.push(piece);
    const read = Buffer.concat(pieces);
    expect(read.length).toBe(2_097_152);
    expect(read.subarray(0, content.length).equals(content)).toBe(true);
  });
});
