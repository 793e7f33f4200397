import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addPin, emptyPins, openCache, openRegistry, type PinsContext } from '../src/index.js';
import { packFiles } from './fixtures/packed.js';

const NAME = '@virt-drivers/conformance';
const builtBy = {
  repository: 'https://example.org/virt',
  path: '.github/workflows/release.yml',
  ref: 'refs/heads/main',
};

interface Published {
  readonly workflow?: typeof builtBy;
  /** Attests other bytes. */
  readonly foreign?: boolean;
}

let work: string;
let server: Server;
let url: string;
let published: Readonly<Record<string, Published>>;
const tokens: (string | undefined)[] = [];

const attestation = (bytes: Buffer, { workflow = builtBy, foreign = false }: Published) => {
  const sha512 = createHash('sha512')
    .update(foreign ? 'other' : bytes)
    .digest('hex');
  const statement = {
    subject: [{ digest: { sha512 } }],
    predicate: {
      buildDefinition: {
        externalParameters: { workflow },
        resolvedDependencies: [{ digest: { gitCommit: 'c0ffee' } }],
      },
      runDetails: { builder: { id: 'https://example.org/runner' } },
    },
  };
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  return { attestations: [{ predicateType: 'https://slsa.dev/provenance/v1', bundle: { dsseEnvelope: { payload } } }] };
};

const tarball = async (version: string) =>
  readFile(await packFiles(work, { 'package.json': JSON.stringify({ name: NAME, version }) }));

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'pins-provenance-'));
  const bytes = new Map<string, Buffer>();
  for (const version of ['1.0.0', '1.0.1']) bytes.set(version, await tarball(version));
  server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    const version = /1\.0\.\d/.exec(request.url ?? '')?.[0] ?? '';
    const content = bytes.get(version) ?? Buffer.alloc(0);
    if (request.url?.endsWith('.tgz')) return void response.end(content);
    if (request.url?.includes('attest'))
      return void response.end(JSON.stringify(attestation(content, published[version] ?? {})));
    const versions = Object.entries(published).map(([each, { workflow }]) => {
      const attestations = workflow === undefined ? {} : { attestations: { url: `${url}attest/${each}` } };
      return [each, { dist: { tarball: `${url}x-${each}.tgz`, ...attestations } }];
    });
    response.end(JSON.stringify({ versions: Object.fromEntries(versions) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
});
afterAll(async () => {
  server.close();
  await rm(work, { recursive: true });
});

const context = (token?: string): PinsContext => ({
  registry: openRegistry({ url, ...(token === undefined ? {} : { token }) }),
  cache: openCache(join(work, 'cache')),
  by: 'core-team',
  now: () => new Date('2026-01-01T00:00:00Z'),
  note: () => undefined,
});
const add = (file: ReturnType<typeof emptyPins>, version: string, acceptOrigin = false) =>
  addPin(file, { name: NAME, version, channel: 'next', reason: 'Proven.', proofs: [], acceptOrigin }, context());
const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'pinned',
    (error: { problems?: readonly { kind: string }[] }) => error.problems?.[0]?.kind,
  );

it('keeps who built a version, and refuses the next one from elsewhere', async () => {
  published = {
    '1.0.0': { workflow: builtBy },
    '1.0.1': { workflow: { ...builtBy, repository: 'https://example.org/fork' } },
  };
  const { file, pin } = await add(emptyPins(), '1.0.0');
  expect(pin.provenance).toEqual({
    repository: 'https://example.org/virt',
    workflow: '.github/workflows/release.yml',
    ref: 'refs/heads/main',
    commit: 'c0ffee',
    builder: 'https://example.org/runner',
  });
  expect(pin.source).toEqual({ commit: 'c0ffee' });
  expect(await kindOf(add(file, '1.0.1'))).toBe('provenance-changed');
  expect(await kindOf(add(file, '1.0.1', true))).toBe('pinned');
  published = { ...published, '1.0.1': {} };
  expect(await kindOf(add(file, '1.0.1'))).toBe('provenance-changed');
  published = { ...published, '1.0.1': { workflow: { ...builtBy, ref: 'refs/tags/x' } } };
  expect(await kindOf(add(file, '1.0.1'))).toBe('pinned');
});

it('refuses an attestation of other bytes', async () => {
  published = { '1.0.0': { workflow: builtBy, foreign: true } };
  await expect(add(emptyPins(), '1.0.0')).rejects.toThrow('is about other bytes');
});

it('sends a token to its own registry, and to no other', async () => {
  published = { '1.0.0': {} };
  tokens.length = 0;
  const { registry } = context('secret');
  await registry?.document(NAME);
  await registry?.bytes(`${url.replace('127.0.0.1', 'localhost')}x-1.0.0.tgz`);
  expect(tokens).toEqual(['Bearer secret', undefined]);
});
