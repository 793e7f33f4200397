import { DriverError } from '@virt-drivers/core';
import type { CommandContext } from '../command-context.js';
import type { Register } from '../command.js';
import type { Check, Finding } from '../doctor/check.js';
import { checkEndpoint } from '../doctor/endpoint-check.js';
import { checkAcceleration, checkNode, checkPrograms, checkSocket } from '../doctor/local-checks.js';
import { installedDrivers, searchPath } from '../driver-search.js';

const SIGNS = { ok: 'ok', note: 'note', missing: 'MISSING' } as const;

const checkDrivers =
  ({ terminal }: CommandContext): Check =>
  async () => {
    const drivers = await installedDrivers(searchPath(terminal));
    const names = drivers.map(({ name, version }) => `${name} ${version}`).join(', ');
    return drivers.length > 0
      ? [{ what: 'drivers', state: 'ok', detail: names }]
      : [
          {
            what: 'drivers',
            state: 'missing',
            detail: 'none installed',
            fix: 'npm install @virt-drivers/driver-libvirt',
          },
        ];
  };

function checksFor(context: CommandContext): readonly Check[] {
  const local = [checkPrograms(context.terminal.env), checkSocket, checkAcceleration];
  return [checkNode, checkDrivers(context), ...(isRemote(context) ? [] : local), checkEndpoint(context)];
}

// What is installed here says nothing about an endpoint elsewhere, or about the embedded one when it was asked for.
const isRemote = ({ settings }: CommandContext): boolean => /^[a-z+]+:\/\/[^/]/.test(settings.target);

export const registerDoctor: Register = (program, attach) => {
  attach(
    program
      .command('doctor')
      .summary('what is missing on this machine')
      .description(
        'Looks at what virt needs here and at the chosen endpoint, and names the command that mends what is missing.',
      ),
    async (context) => {
      const found: Finding[] = [];
      for (const check of checksFor(context)) found.push(...(await check()));
      const rows = found.map(({ what, state, detail, fix }) => [
        SIGNS[state],
        what,
        fix ? `${detail}; fix: ${fix}` : detail,
      ]);
      await context.output.table(['STATE', 'WHAT', 'DETAIL'], rows, found);
      const missing = found.filter(({ state }) => state === 'missing').map(({ what }) => what);
      if (missing.length > 0)
        throw new DriverError(
          'HOST.UNREACHABLE',
          `Missing on this machine: ${missing.join(', ')}. The table says what mends it.`,
        );
    },
  );
};
