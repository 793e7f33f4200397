import { missingPackages } from '../../setup/apt.mjs';
import { parsePin } from '../../setup/pnpm.mjs';
import { specifiers } from '../packed-consumer.mjs';

describe('setup', () => {
  it('reads the pinned pnpm and refuses one without its hash', () => {
    const sha512 = 'a'.repeat(128);
    expect(parsePin(`pnpm@10.34.9+sha512.${sha512}`)).toEqual({ version: '10.34.9', sha512 });
    expect(() => parsePin('pnpm@10.34.9')).toThrow('packageManager');
    expect(() => parsePin(undefined)).toThrow('packageManager');
  });

  it('installs only the packages that are not there', () => {
    const status = 'qemu-utils installed\nlibvirt-daemon:amd64 installed\nswtpm config-files\n';
    expect(missingPackages(['libvirt-daemon', 'qemu-utils', 'swtpm', 'zstd'], status)).toEqual(['swtpm', 'zstd']);
  });
});

describe('a consumer', () => {
  it('imports every entry of every package', () => {
    const manifest = {
      name: '@virt-drivers/core',
      exports: { '.': {}, './kit': {}, './package.json': './package.json' },
    };
    expect(specifiers([{ manifest }])).toEqual(['@virt-drivers/core', '@virt-drivers/core/kit']);
  });
});
