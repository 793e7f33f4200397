import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtainDefinition } from './src/definition.mjs';
import { BANNER, emitFiles } from './src/emit-files.mjs';
import { emitEnumerations, emitErrorCodes, emitParameterTypes } from './src/emit-enumerations.mjs';
import { parseEnumerations, parseParameterTypes } from './src/headers.mjs';
import { parseProtocol } from './src/protocol.mjs';

const TARGET = fileURLToPath(new URL('../../packages/libvirt/src/gen/', import.meta.url));
/** Enumerations of the other headers refer to these. */
const FIRST = ['libvirt-common.h.in', 'libvirt-domain.h'];

const source = obtainDefinition();
mkdirSync(TARGET, { recursive: true });
const files = generate(source);
for (const [name, content] of files) writeFileSync(join(TARGET, name), content);
console.log(`${files.size} files written to ${TARGET}`);

/** @param {string} directory @returns {Map<string, string>} */
function generate(directory) {
  const remote = parseProtocol(readFileSync(join(directory, 'src/remote/remote_protocol.x'), 'utf8'), 'remote');
  const qemu = parseProtocol(readFileSync(join(directory, 'src/remote/qemu_protocol.x'), 'utf8'), 'qemu', remote.constants);
  const headers = readHeaders(join(directory, 'include/libvirt'));
  const enumerations = parseEnumerations(headers);
  const types = parseParameterTypes(headers, sources(join(directory, 'src')));
  return new Map([
    ...emitFiles([remote, qemu]),
    ['enumerations.gen.ts', emitEnumerations(enumerations, BANNER)],
    ['error-codes.gen.ts', emitErrorCodes(enumerations, BANNER)],
    ['parameter-types.gen.ts', emitParameterTypes(types, BANNER)],
  ]);
}

/** @param {string} directory */
function readHeaders(directory) {
  const rest = readdirSync(directory).filter((name) => !FIRST.includes(name)).sort();
  return [...FIRST, ...rest].map((name) => readFileSync(join(directory, name), 'utf8'));
}

/** @param {string} directory */
function sources(directory) {
  const names = /** @type {string[]} */ (readdirSync(directory, { recursive: true })).filter((name) => name.endsWith('.c')).sort();
  return names.map((name) => readFileSync(join(directory, name), 'utf8'));
}
