import { resolve } from 'node:path';
import { addPin } from '../add.js';
import { blockVersions } from '../block.js';
import { entryChannel, pinsIn } from '../channel.js';
import { proveConformance, type Targets } from '../conformance.js';
import { readProof, type Proof } from '../conformance-report.js';
import { explainPackage } from '../explain.js';
import { parseSpec } from '../pins-context.js';
import { changePins, readPins, subjectOf } from '../pins-file.js';
import { exitCodeOf, failure, type Problem } from '../problem.js';
import { promotePin } from '../promote.js';
import { upgradePin, type Upgrade } from '../upgrade.js';
import { verifyPins } from '../verify.js';
import type { PinsTerminal } from './run-pins.js';
import { contextOf, type CommonFlags } from './settings.js';

/** Options of `add` and `upgrade`. */
export interface PinFlags {
  readonly report: readonly string[];
  readonly reason?: string;
  readonly commit?: string;
  readonly acceptOrigin?: boolean;
  readonly prerelease?: boolean;
}

/** The commands; each gives its exit code. */
export interface PinsCommands {
  add(spec: string, flags: PinFlags & { readonly reason: string }): Promise<number>;
  verify(flags: { readonly conformance: boolean; readonly endpoint: readonly string[] }): Promise<number>;
  upgrade(names: readonly string[], flags: PinFlags): Promise<number>;
  block(spec: string, flags: { readonly reason: string; readonly fixedIn?: string }): Promise<number>;
  promote(name: string, flags: { readonly to: string }): Promise<number>;
  list(flags: { readonly json?: boolean }): Promise<number>;
  explain(name: string): Promise<number>;
}

function targetsOf(pairs: readonly string[]): Targets {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1)
      throw failure('usage', pair, `Endpoint "${pair}" must look like @virt-drivers/driver-libvirt=qemu:///system.`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function linesOf({ before, after, api, rows }: Upgrade): readonly string[] {
  return [
    `${before.package} ${before.version} → ${after.version} (${after.hypervisors.length === 0 ? 'not proven yet' : 'proven'})`,
    rows.length === 0 ? 'Support matrix: no row changed.' : 'Support matrix:',
    ...rows.map((row) => `  ${row}`),
    api === '' ? 'API: unchanged.' : `API:\n${api}`,
  ];
}

/** Makes the commands. `common` is asked when one runs. */
export function createPins(
  common: () => CommonFlags,
  terminal: PinsTerminal,
  signal: AbortSignal | undefined,
): PinsCommands {
  const print = (line: string): void => void terminal.stdout.write(`${line}\n`);
  const complain = (problems: readonly Problem[]): void => {
    for (const { kind, message } of problems) terminal.stderr.write(`${kind}: ${message}\n`);
  };
  const proofs = (files: readonly string[]): Promise<readonly Proof[]> =>
    Promise.all(files.map((file) => readProof(resolve(terminal.cwd, file))));
  const offline = () => contextOf({ ...common(), offline: true }, terminal, signal);
  return {
    async add(spec, { report, ...rest }) {
      const { file: path, channel } = common();
      const context = await contextOf(common(), terminal, signal);
      const request = { ...parseSpec(spec), ...rest, proofs: await proofs(report) };
      const pin = await changePins(
        path,
        async (file) => {
          const added = await addPin(file, { ...request, channel: channel ?? entryChannel(file) }, context);
          return { file: added.file, result: added.pin };
        },
        { create: true },
      );
      print(`${subjectOf(pin)} is pinned (${pin.integrity.slice(0, 24)}…).`);
      if (pin.kind === 'driver' && pin.conformance.length === 0)
        context.note('It has no conformance report, so it cannot be promoted.');
      return 0;
    },

    async verify({ conformance, endpoint }) {
      const context = await contextOf(common(), terminal, signal);
      const file = await readPins(common().file);
      const channel = common().channel ?? entryChannel(file);
      const verified = await verifyPins(file, channel, context);
      const problems = verified.flatMap((each) => each.problems);
      const proven = verified.flatMap(({ pin, tarball }) => (tarball === undefined ? [] : [{ pin, tarball }]));
      // Running what is not what was approved would prove nothing, and might do harm.
      const isSound = problems.length === 0;
      const found = conformance && isSound ? await proveConformance(proven, targetsOf(endpoint), context) : [];
      complain([...problems, ...found]);
      const skipped = conformance && isSound ? '' : ' Conformance was not run.';
      const count = problems.length + found.length;
      print(`${verified.length} pin(s) in ${channel}: ${count === 0 ? 'good' : `${count} problem(s)`}.${skipped}`);
      return exitCodeOf([...problems, ...found]);
    },

    async upgrade(names, { report, commit: _, ...rest }) {
      const context = await contextOf(common(), terminal, signal);
      const given = await proofs(report);
      const upgrades = await changePins(common().file, async (before) => {
        const channel = common().channel ?? entryChannel(before);
        const chosen = names.length > 0 ? names : pinsIn(before, channel).map((pin) => pin.package);
        let file = before;
        const result: Upgrade[] = [];
        for (const name of chosen) {
          const own = given.filter(({ driver }) => driver.name === name);
          const done = await upgradePin(file, { ...rest, name, channel, proofs: own }, context);
          file = done.file;
          if (done.upgrade === undefined) context.note(`${name}: nothing newer fits.`);
          else result.push(done.upgrade);
        }
        return { file, result };
      });
      for (const upgrade of upgrades) linesOf(upgrade).forEach(print);
      return 0;
    },

    async block(spec, { reason, fixedIn }) {
      const context = await offline();
      const { name, version: range } = parseSpec(spec);
      const request = { name, range, reason, ...(fixedIn === undefined ? {} : { fixedIn }) };
      const hit = await changePins(
        common().file,
        async (file) => {
          const blocked = blockVersions(file, request, context);
          return { file: blocked.file, result: blocked.hit };
        },
        { create: true },
      );
      print(
        `${name} ${range} is blocked. ${hit.length === 0 ? 'No pin is in that range.' : `Pinned and now refused: ${hit.map(subjectOf).join(', ')}.`}`,
      );
      return 0;
    },

    async promote(name, { to }) {
      const context = await offline();
      const pin = await changePins(common().file, async (file) => {
        const promoted = promotePin(file, name, to, context);
        return { file: promoted.file, result: promoted.pin };
      });
      print(`${subjectOf(pin)} is in ${to}.`);
      return 0;
    },

    async list({ json = false }) {
      const { pins, blocks } = await readPins(common().file);
      if (json) print(JSON.stringify({ pins, blocks }, null, 2));
      else {
        for (const pin of pins)
          print(`${pin.state.padEnd(8)}  ${subjectOf(pin)}  ${Object.keys(pin.channels).join(', ')}  ${pin.reason}`);
        for (const { package: name, range, reason } of blocks) print(`block     ${name} ${range}  ${reason}`);
      }
      return 0;
    },

    async explain(name) {
      explainPackage(await readPins(common().file), name).forEach(print);
      return 0;
    },
  };
}
