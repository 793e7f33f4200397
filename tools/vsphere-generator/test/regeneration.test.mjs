import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { closureOf } from '../src/closure.mjs';
import { obtainDefinition } from '../src/definition.mjs';
import { emitSchema } from '../src/emit-schema.mjs';
import { readMethodList } from '../src/method-list.mjs';
import { modelOf } from '../src/model.mjs';
import { readTables } from '../src/tables.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

test('what is shipped is, byte for byte, what the generator writes', () => {
  const printed = execFileSync(process.execPath, [here('../generate.mjs'), '--check'], { encoding: 'utf8' });
  expect(printed).toContain('5 files, 0 differ');
});

test('only what the listed methods need is shipped: without a method its types go', () => {
  const whole = modelOf(readTables(obtainDefinition()));
  const wanted = readMethodList(new URL('../methods.txt', import.meta.url), whole);
  const shipped = closureOf(whole, wanted);
  expect(shipped.data.size).toBeLessThan(whole.data.size);
  const withoutPolicies = new Map([...wanted].filter(([name]) => !name.startsWith('Pbm')));
  const fewer = closureOf(whole, withoutPolicies);
  expect([shipped.data.has('PbmCapabilityProfile'), fewer.data.has('PbmCapabilityProfile')]).toEqual([true, false]);
  expect(emitSchema(fewer, '').length).toBeLessThan(emitSchema(shipped, '').length);
});

test('the tables that a program carries stay small', () => {
  const file = here('../../../packages/vsphere/src/gen/schema.gen.ts');
  expect(readFileSync(file).length).toBeLessThan(172_000);
});
