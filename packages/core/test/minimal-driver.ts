import type { DriverDefinition, FacetsAs, Manifest } from '../src/index.js';

const manifest = {
  name: '@example/driver-minimal',
  version: '1.0.0',
  apiVersion: '1.0',
  title: 'Does nothing',
  targets: [{ pattern: 'minimal://', example: 'minimal://', meaning: 'nowhere' }],
  capabilities: {
    hosts: {},
    machines: {},
    power: { reset: true },
    volumes: { export: { conditions: [{ needs: 'machine-stopped', reason: 'The machine writes to it.' }] } },
    disks: {},
    nics: {},
    events: {},
    suspension: { pause: true },
  },
} as const satisfies Manifest;

export type MinimalCapabilities = (typeof manifest)['capabilities'];

const unexpected = async (): Promise<never> => {
  throw new Error('not expected in this test');
};
const nothing = { unreadable: 0, all: async () => [], async *[Symbol.asyncIterator]() {} };

const facets = (): FacetsAs<MinimalCapabilities> => ({
  hosts: { list: () => nothing, get: unexpected, inventory: unexpected },
  machines: {
    create: unexpected,
    get: unexpected,
    find: unexpected,
    list: () => nothing,
    update: unexpected,
    delete: unexpected,
    record: unexpected,
    writeRecord: unexpected,
  },
  power: { start: unexpected, kill: unexpected, reset: unexpected },
  volumes: {
    pools: () => nothing,
    pool: unexpected,
    list: () => nothing,
    get: unexpected,
    find: unexpected,
    create: unexpected,
    grow: unexpected,
    async *export() {},
    delete: unexpected,
  },
  disks: { attach: unexpected, detach: unexpected },
  nics: { attach: unexpected, detach: unexpected },
  events: { watch: unexpected },
  suspension: { pause: unexpected, resume: unexpected },
});

/** The smallest driver that can be opened; `change` replaces facets, `closed` counts calls of close. */
export function minimalDriver(change: (facets: FacetsAs<MinimalCapabilities>) => void = () => undefined) {
  const closes: number[] = [];
  const definition: DriverDefinition<typeof manifest> = {
    manifest,
    open: async () => {
      const made = facets();
      change(made);
      return { facets: made, narrowings: [], endpointId: 'nowhere', close: async () => void closes.push(1) };
    },
  };
  return { definition, closes };
}
