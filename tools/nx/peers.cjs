// What a suite with peers depends on and no file says: the programs it talks to, and whether it may start them. In its cache
// key, so that neither a pass on other versions nor a skip for want of rights stands for a run here.
const { spawnSync } = require('node:child_process');
const groups = require('../setup/apt-packages.json');

const firstLine = (program, args) =>
  spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 }).stdout?.split('\n')[0] || 'absent';

console.log('root', process.getuid?.() === 0);
// Toolchains that Debian's packages need not have brought.
for (const [program, ...args] of [
  ['qemu-system-x86_64', '--version'],
  ['libvirtd', '--version'],
  ['go', 'version'],
]) {
  console.log(program, firstLine(program, args));
}
const packages = [...new Set(Object.values(groups).flat())].sort();
const format = '${binary:Package} ${Version} ${db:Status-Status}\\n';
console.log(spawnSync('dpkg-query', ['-W', '-f', format, ...packages], { encoding: 'utf8' }).stdout ?? '');
