import { jest } from '@jest/globals';
import { minimalDriver } from '../../test/minimal-driver.js';
import { machineId } from '../values/identifiers.js';
import { defineDriver } from './define-driver.js';
import type { DriverDefinition } from './driver.js';

const target = 'minimal://';
const id = machineId('m1');

describe('defineDriver', () => {
  it('gives the facets that are claimed and nothing else', async () => {
    const driver = await defineDriver(minimalDriver().definition).open({ target });
    expect(Object.keys(driver.power).sort()).toEqual(['kill', 'reset', 'start']);
    expect(driver.suspension).toBeDefined();
    expect(driver.snapshots).toBeUndefined();
    expect(driver.supports('suspension.pause')).toBe(true);
    expect(driver.supports('suspension.save')).toBeUndefined();
    expect(driver.supports('suspension')).toBe(true);
    await driver.close();
  });

  it('freezes manifest and capabilities', async () => {
    const driver = await defineDriver(minimalDriver().definition).open({ target });
    expect(Object.isFrozen(driver.manifest.capabilities.power)).toBe(true);
    expect(Object.isFrozen(driver.capabilities.power)).toBe(true);
    await driver.close();
  });

  it('refuses bad arguments before the driver sees them, without repeating their value', async () => {
    const { definition } = minimalDriver((facets) => {
      facets.nics.attach = async () => {
        throw new Error('the driver was called');
      };
    });
    const driver = await defineDriver(definition).open({ target });
    // The cast stands for a program without types.
    const nic = { network: 'n', macAddress: 'hunter2' } as unknown as Parameters<typeof driver.nics.attach>[1];
    const error = await driver.nics.attach(id, nic).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'REQUEST.INVALID', message: expect.stringContaining('macAddress') as string });
    expect(String(error)).not.toContain('hunter2');
    await driver.close();
  });

  it('refuses unknown members of a spec', async () => {
    const driver = await defineDriver(minimalDriver().definition).open({ target });
    const nic = { network: 'n', colour: 'red' } as unknown as Parameters<typeof driver.nics.attach>[1];
    await expect(driver.nics.attach(id, nic)).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    await driver.close();
  });

  it('turns foreign errors into DRIVER.FAULT and keeps the cause', async () => {
    const driver = await defineDriver(minimalDriver().definition).open({ target });
    await expect(driver.power.start(id)).rejects.toMatchObject({
      code: 'DRIVER.FAULT',
      stateAfter: 'unknown',
      cause: expect.objectContaining({ message: 'not expected in this test' }) as Error,
    });
    await driver.close();
  });

  it('does not call the driver when the signal is aborted already', async () => {
    let called = false;
    const { definition } = minimalDriver((facets) => {
      facets.power.start = async () => void (called = true);
    });
    const driver = await defineDriver(definition).open({ target });
    await expect(driver.power.start(id, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CALL.CANCELLED',
      stateAfter: 'unchanged',
    });
    expect(called).toBe(false);
    await driver.close();
  });

  it('settles a call whose driver ignores the deadline', async () => {
    const { definition } = minimalDriver((facets) => {
      facets.power.start = () => new Promise(() => undefined);
    });
    const driver = await defineDriver(definition).open({ target });
    jest.useFakeTimers();
    try {
      const late = driver.power.start(id, { deadline: new Date(Date.now() + 10) });
      const settled = expect(late).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED', stateAfter: 'unknown' });
      await jest.advanceTimersByTimeAsync(60_000);
      await settled;
    } finally {
      jest.useRealTimers();
    }
    await driver.close();
  });

  it('refuses everything after close, and closes once', async () => {
    const { definition, closes } = minimalDriver();
    const driver = await defineDriver(definition).open({ target });
    await Promise.all([driver.close(), driver.close()]);
    expect(closes).toHaveLength(1);
    await expect(driver.power.start(id)).rejects.toMatchObject({ code: 'DRIVER.CLOSED' });
    await expect(driver.machines.list().all()).rejects.toMatchObject({ code: 'DRIVER.CLOSED' });
  });

  it('removes what is narrowed, with its reason', async () => {
    const { definition } = minimalDriver();
    const narrowed: DriverDefinition<typeof definition.manifest> = {
      ...definition,
      open: async (...args) => ({
        ...(await definition.open(...args)),
        narrowings: [
          { capability: 'suspension', reason: 'The endpoint is too old.' },
          { capability: 'power.reset', reason: 'The endpoint has no reset line.' },
        ],
      }),
    };
    const driver = await defineDriver(narrowed).open({ target });
    expect(driver.suspension).toBeUndefined();
    expect(driver.power.reset).toBeUndefined();
    expect(driver.narrowings).toHaveLength(2);
    await driver.close();
  });

  it('refuses a session that lacks what is claimed, and closes it', async () => {
    const { definition, closes } = minimalDriver((facets) => Reflect.deleteProperty(facets.power, 'reset'));
    await expect(defineDriver(definition).open({ target })).rejects.toMatchObject({
      code: 'DRIVER.INVALID',
      message: expect.stringContaining('power.reset') as string,
    });
    expect(closes).toHaveLength(1);
  });

  it.each(['2.0', '1.99', 'one'])('refuses apiVersion %s', (apiVersion) => {
    const { definition } = minimalDriver();
    const wrong = { ...definition, manifest: { ...definition.manifest, apiVersion } };
    expect(() => defineDriver(wrong as unknown as DriverDefinition)).toThrow(/contract|must look like/);
  });
});
