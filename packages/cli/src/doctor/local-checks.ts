import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Terminal } from '../terminal.js';
import type { Check, Finding } from './check.js';

const OLDEST_NODE = [20, 19] as const;

export const checkNode: Check = async () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  const found = `Node ${process.versions.node}`;
  return isOld
    ? [
        {
          what: 'Node.js',
          state: 'missing',
          detail: `${found} is older than 20.19`,
          fix: 'install Node 20.19 or newer',
        },
      ]
    : [{ what: 'Node.js', state: 'ok', detail: found }];
};

const can = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

async function findProgram(name: string, env: Terminal['env']): Promise<string | undefined> {
  const places = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter((place) => place !== '');
  for (const place of places) if (await can(join(place, name), constants.X_OK)) return join(place, name);
  return undefined;
}

/** Programs that the libvirt driver's endpoint needs on this machine, with Debian's package for each. */
const PROGRAMS = [
  { program: 'libvirtd', alternative: 'virtqemud', packageName: 'libvirt-daemon-system' },
  { program: 'qemu-system-x86_64', alternative: 'qemu-kvm', packageName: 'qemu-system-x86' },
] as const;

export const checkPrograms =
  (env: Terminal['env']): Check =>
  async () =>
    Promise.all(
      PROGRAMS.map(async ({ program, alternative, packageName }): Promise<Finding> => {
        const path = (await findProgram(program, env)) ?? (await findProgram(alternative, env));
        return path
          ? { what: program, state: 'ok', detail: path }
          : {
              what: program,
              state: 'missing',
              detail: 'not installed',
              fix: `apt-get install --no-install-recommends ${packageName}`,
            };
      }),
    );

const SOCKETS = ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock'] as const;

export const checkSocket: Check = async () => {
  for (const path of SOCKETS) {
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    if (await can(path, constants.R_OK | constants.W_OK)) return [{ what: 'daemon socket', state: 'ok', detail: path }];
    return [
      {
        what: 'daemon socket',
        state: 'missing',
        detail: `no permission on ${path}`,
        fix: 'usermod --append --groups libvirt "$USER", then log in again',
      },
    ];
  }
  return [
    {
      what: 'daemon socket',
      state: 'missing',
      detail: `none of ${SOCKETS.join(', ')}`,
      fix: 'systemctl enable --now libvirtd (or start libvirtd by hand)',
    },
  ];
};

export const checkAcceleration: Check = async () =>
  (await can('/dev/kvm', constants.R_OK | constants.W_OK))
    ? [{ what: 'hardware acceleration', state: 'ok', detail: '/dev/kvm' }]
    : [
        {
          what: 'hardware acceleration',
          state: 'note',
          detail: '/dev/kvm cannot be used: machines run in software, about ten times slower',
        },
      ];
