import { createKeyedMutex } from './mutex.js';

/** Work that ends when the test says so. */
function gate(): { readonly work: () => Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { work: () => opened, open: () => open() };
}

const turn = (): Promise<void> => new Promise(setImmediate);

test('one at a time per key, in order; keys do not wait for each other', async () => {
  const mutex = createKeyedMutex<string>();
  const order: string[] = [];
  const first = gate();
  const enter =
    (name: string, work = async (): Promise<void> => undefined) =>
    async (): Promise<void> => {
      order.push(name);
      await work();
    };
  const all = [
    mutex.run('m1', {}, enter('m1 first', first.work)),
    mutex.run('m1', {}, enter('m1 second')),
    mutex.run('m1', {}, enter('m1 third')),
    mutex.run('m2', {}, enter('m2')),
  ];
  await turn();
  expect(order).toEqual(['m1 first', 'm2']);
  first.open();
  await Promise.all(all);
  expect(order).toEqual(['m1 first', 'm2', 'm1 second', 'm1 third']);
  expect([mutex.isHeld('m1'), mutex.isHeld('m2')]).toEqual([false, false]);
});

test('gives the result or the error on, and the next may work after an error', async () => {
  const mutex = createKeyedMutex<string>();
  const failing = mutex.run('m', {}, () => Promise.reject(new Error('no')));
  const next = mutex.run('m', {}, async () => 7);
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe(7);
});

test('who gives up waiting never works, and whoever is behind still waits for whoever is before', async () => {
  const mutex = createKeyedMutex<string>();
  const controller = new AbortController();
  const first = gate();
  const order: string[] = [];
  const holding = mutex.run('m', {}, async () => {
    await first.work();
    order.push('first done');
  });
  const impatient = mutex.run('m', { signal: controller.signal }, async () => void order.push('impatient'));
  const behind = mutex.run('m', {}, async () => void order.push('behind'));
  controller.abort();
  await expect(impatient).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  await turn();
  expect(order).toEqual([]);
  expect(mutex.isHeld('m')).toBe(true);
  first.open();
  await Promise.all([holding, behind]);
  expect(order).toEqual(['first done', 'behind']);
});

test('stays held while somebody works although the last in line gave up', async () => {
  const mutex = createKeyedMutex<string>();
  const first = gate();
  const holding = mutex.run('m', {}, first.work);
  await expect(mutex.run('m', { deadline: new Date(Date.now() + 2) }, async () => 1)).rejects.toMatchObject({
    code: 'CALL.DEADLINE_EXCEEDED',
  });
  expect(mutex.isHeld('m')).toBe(true);
  const late: string[] = [];
  const next = mutex.run('m', {}, async () => void late.push('next'));
  await turn();
  expect(late).toEqual([]);
  first.open();
  await Promise.all([holding, next]);
  expect(mutex.isHeld('m')).toBe(false);
});
