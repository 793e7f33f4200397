#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startVcsimProxy } from './start-vcsim-proxy.js';

const help = `Stands in front of a vCenter simulator until Ctrl-C, and prints its own URL.

  vcsim-proxy --upstream URL [--ca FILE] [--tls-certificate FILE --tls-key FILE] [--port N] [--lenient]

  --ca               PEM file of the authority of the simulator's certificate
  --tls-certificate  PEM file; with --tls-key the proxy serves TLS
  --lenient          passes on requests that a real server would refuse
`;

const { values } = parseArgs({
  options: {
    upstream: { type: 'string' },
    ca: { type: 'string' },
    'tls-certificate': { type: 'string' },
    'tls-key': { type: 'string' },
    port: { type: 'string' },
    lenient: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help || values.upstream === undefined) {
  (values.help ? process.stdout : process.stderr).write(help);
  process.exitCode = values.help ? 0 : 2;
} else {
  const { upstream, ca, 'tls-certificate': certificate, 'tls-key': key, port, lenient } = values;
  const read = (file: string) => readFileSync(file, 'utf8');
  const proxy = await startVcsimProxy({
    upstream,
    strict: !lenient,
    ...(ca === undefined ? {} : { ca: read(ca) }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { tls: { certificate: read(certificate), key: read(key) } }),
    ...(port === undefined ? {} : { port: Number(port) }),
  });
  process.stdout.write(`${proxy.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void proxy.close());
}
