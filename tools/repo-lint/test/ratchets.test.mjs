import { checkRatchets, lowered, measure } from '../src/ratchets.mjs';
import { sampleTree } from './sample-tree.mjs';

const measured = (files) => measure(sampleTree(files));

describe('ratchets', () => {
  it('count any, casts and disabled rules per package, but not in tests, comments or imports', () => {
    const found = measured({
      'packages/core/src/a.ts': [
        "import { b as c } from './b.js';",
        'let x: any = c;',
        'const y = x as Machine;',
        'const z = [1] as const; // as good as any',
        '// eslint-disable-next-line some-rule',
      ].join('\n'),
      'packages/core/src/a.test.ts': 'const y = x as any;',
      'packages/core/src/b.gen.ts': 'const y = x as any;',
    });
    expect(found).toMatchObject({
      any: { 'packages/core': 1 },
      casts: { 'packages/core': 1 },
      disabledRules: { 'packages/core': 1 },
    });
  });

  it.each(['libvirt', 'QEMU', 'vCenter', 'Hyper-V', 'a domain', 'ESXi', 'XAPI', 'datastore'])(
    'see the native word %s in neutral packages',
    (word) => {
      const text = `/** Talks to ${word}. */\n`;
      expect(measured({ 'packages/compute/src/a.ts': text }).nativeWords).toEqual({ 'packages/compute/src/a.ts': 1 });
      expect(measured({ 'packages/driver-x/src/a.ts': text }).nativeWords).toEqual({});
    },
  );

  it('leave our own words alone', () => {
    const text = 'every hypervisor, each machine, vmdk and qcow2 files, the pool\n';
    expect(measured({ 'packages/core/src/a.ts': text }).nativeWords).toEqual({});
  });

  it('refuse more than the limit, also in a place without one', () => {
    expect(checkRatchets({ any: { a: 2, b: 1 } }, { any: { a: 2 } })).toEqual(['b has 1 any, and 0 is the limit.']);
    expect(checkRatchets({ any: { a: 3 } }, { any: { a: 2 } })).toHaveLength(1);
  });

  it('only ever fall', () => {
    expect(lowered({ any: { a: 1, b: 5, c: 1 } }, { any: { a: 2, b: 4, gone: 3 } })).toEqual({ any: { a: 1, b: 4 } });
  });
});
