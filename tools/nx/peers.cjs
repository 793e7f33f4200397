// The versions of the real programs that peer suites talk to, so that their cached results name them.
const { spawnSync } = require('node:child_process');

for (const [program, ...args] of [
  ['libvirtd', '--version'],
  ['virtqemud', '--version'],
  ['qemu-system-x86_64', '--version'],
  ['qemu-img', '--version'],
]) {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
  console.log(program, stdout?.split('\n')[0] || 'absent');
}
