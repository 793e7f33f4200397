// A real package registry on the loopback interface, with storage of its own that is removed with it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestOf, publishDocument } from './publish-document.mjs';

const START_MILLISECONDS = 60_000;
const CALL_MILLISECONDS = 30_000;

/** The port that the process listens on, or the reason why it does not. */
async function portOf(child) {
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const signal = AbortSignal.timeout(START_MILLISECONDS);
  const ended = once(child, 'exit', { signal }).then(() => undefined);
  const message = await Promise.race([once(child, 'message', { signal }), ended]).catch(() => undefined);
  ended.catch(() => undefined);
  if (message) return message[0].port;
  throw new Error(`The registry did not start: ${Buffer.concat(output).toString('utf8').trim() || 'no output'}`);
}

async function call(url, method, body) {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(CALL_MILLISECONDS),
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`Registry ${url}: ${method} was answered ${response.status}: ${text.trim().slice(0, 300)}`);
}

async function stopProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What package managers need to know of it; publishing wants some token, and this registry takes any. */
const environmentFor = (url) => ({
  npm_config_registry: url,
  [`npm_config_${url.replace(/^http:/, '')}:_authToken`]: 'anybody',
});

/** See start-registry.d.mts. */
export async function startRegistry({ uplink, authorityFile, own = ['@virt-drivers/*'] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    cwd: folder,
    env: { ...process.env, ...(authorityFile && { NODE_EXTRA_CA_CERTS: authorityFile }) },
  });
  const stop = async () => {
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    child.send({ folder, uplink, own });
    const url = `http://127.0.0.1:${await portOf(child)}/`;
    const document = (name) => new URL(name.replace('/', '%2f'), url).href;
    return {
      url,
      environment: environmentFor(url),
      stop,
      async publish(file, { tag = 'latest', integrity } = {}) {
        const tarball = await readFile(file);
        const manifest = await manifestOf(tarball);
        await call(document(manifest.name), 'PUT', publishDocument(manifest, tarball, { url, tag, integrity }));
        return { name: manifest.name, version: manifest.version };
      },
      async deprecate(name, version, message) {
        const known = JSON.parse(await call(document(name), 'GET'));
        const versions = { ...known.versions, [version]: { ...known.versions[version], deprecated: message } };
        await call(document(name), 'PUT', { ...known, versions, _attachments: {} });
      },
      async unpublish(name, version) {
        const known = JSON.parse(await call(document(name), 'GET'));
        const { [version]: _, ...versions } = known.versions;
        await call(`${document(name)}/-rev/${known._rev}`, 'PUT', { ...known, versions });
      },
      storedTarball: (name, version) =>
        join(folder, 'storage', name, `${name.replace(/^@[^/]+\//, '')}-${version}.tgz`),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
