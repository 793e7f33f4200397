import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtainDefinition } from './src/definition.mjs';
import { BANNER, emitFiles } from './src/emit-files.mjs';
import { functionName } from './src/emit-procedure.mjs';
import { emitEnumerations, emitErrorCodes, emitParameterTypes } from './src/emit-enumerations.mjs';
import { parseEnumerations, parseParameterTypes } from './src/headers.mjs';
import { emitImplemented } from './src/implemented.mjs';
import { parseProtocol } from './src/protocol.mjs';

const PACKAGE = fileURLToPath(new URL('../../packages/libvirt/', import.meta.url));
/** Enumerations of the other headers refer to these. */
const FIRST = ['libvirt-common.h.in', 'libvirt-domain.h'];

/** With --check nothing is written: it fails when a file differs from what would be. */
const check = process.argv.includes('--check');
const files = generate(obtainDefinition());
const changed = [...files].filter(([name, content]) => read(join(PACKAGE, name)) !== content);
if (!check) {
  mkdirSync(join(PACKAGE, 'src/gen'), { recursive: true });
  for (const [name, content] of changed) writeFileSync(join(PACKAGE, name), content);
}
console.log(`${files.size} files, ${changed.length} ${check ? 'differ' : 'written'}`);
process.exitCode = check && changed.length > 0 ? 1 : 0;

/** @param {string} path */
function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** @param {string} directory @returns {Map<string, string>} */
function generate(directory) {
  const remote = parseProtocol(readFileSync(join(directory, 'src/remote/remote_protocol.x'), 'utf8'), 'remote');
  const qemu = parseProtocol(
    readFileSync(join(directory, 'src/remote/qemu_protocol.x'), 'utf8'),
    'qemu',
    remote.constants,
  );
  const headers = readHeaders(join(directory, 'include/libvirt'));
  const enumerations = parseEnumerations(headers);
  const types = parseParameterTypes(headers, sources(join(directory, 'src')));
  const gen = [
    ...emitFiles([remote, qemu]),
    ['enumerations.gen.ts', emitEnumerations(enumerations, BANNER)],
    ['error-codes.gen.ts', emitErrorCodes(enumerations, BANNER)],
    ['parameter-types.gen.ts', emitParameterTypes(types, BANNER)],
  ];
  const functions = [remote, qemu].flatMap(({ procedures, prefix }) =>
    procedures.map((procedure) => functionName(procedure, prefix)),
  );
  const implemented = emitImplemented(join(directory, 'src'), functions, BANNER);
  return new Map([
    ...gen.map(([name, content]) => /** @type {[string, string]} */ ([`src/gen/${name}`, content])),
    ['test/implemented.gen.ts', implemented],
  ]);
}

/** @param {string} directory */
function readHeaders(directory) {
  const rest = readdirSync(directory)
    .filter((name) => !FIRST.includes(name))
    .sort();
  return [...FIRST, ...rest].map((name) => readFileSync(join(directory, name), 'utf8'));
}

/** @param {string} directory */
function sources(directory) {
  const names = /** @type {string[]} */ (readdirSync(directory, { recursive: true }))
    .filter((name) => name.endsWith('.c'))
    .sort();
  return names.map((name) => readFileSync(join(directory, name), 'utf8'));
}
