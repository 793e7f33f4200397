import { forbidden } from '../src/import-rule.mjs';
import { graphProblems, manifestProblems } from '../src/project-graph.mjs';

const core = { name: 'core', kind: 'core' };
const compute = { name: 'compute', kind: 'compute' };
const conformance = { name: 'conformance', kind: 'conformance' };
const cli = { name: 'cli', kind: 'cli' };
const pins = { name: 'pins', kind: 'pins' };
const tool = { name: 'peers', kind: 'tool' };
const memory = { name: 'driver-memory', kind: 'driver', platform: 'memory' };
const simulator = { name: 'vcsim-proxy', kind: 'simulator', platform: 'vsphere' };
const formats = { name: 'image-formats', kind: 'formats' };
const libvirt = { name: 'libvirt', kind: 'library', platform: 'libvirt' };
const driverLibvirt = { name: 'driver-libvirt', kind: 'driver', platform: 'libvirt' };
const driverVmware = { name: 'driver-vmware', kind: 'driver', platform: 'vmware' };

describe('the import rule', () => {
  it.each([
    [driverLibvirt, core],
    [driverLibvirt, libvirt],
    [compute, core],
    [conformance, core],
    [cli, compute],
    [cli, pins],
    [pins, core],
    [tool, driverLibvirt],
    [compute, formats],
    [driverVmware, formats],
    [libvirt, formats],
  ])('lets $name import $name', (from, to) => {
    expect(forbidden(from, to)).toBeUndefined();
  });

  it.each([
    [core, compute],
    [libvirt, core],
    [driverVmware, libvirt],
    [driverVmware, driverLibvirt],
    [compute, memory],
    [cli, driverLibvirt],
    [pins, driverLibvirt],
    [pins, conformance],
    [conformance, driverLibvirt],
    [compute, conformance],
    [driverLibvirt, conformance],
    [core, tool],
    [simulator, core],
    [driverVmware, simulator],
    [formats, core],
    [core, formats],
    [{ name: 'stray' }, core],
  ])('stops $name from importing $name', (from, to) => {
    expect(forbidden(from, to)).toContain(from.name);
  });

  it('lets tests use the conformance kit, tools and the reference driver, but no other driver', () => {
    expect(forbidden(driverLibvirt, conformance, { test: true })).toBeUndefined();
    expect(forbidden(libvirt, tool, { test: true })).toBeUndefined();
    expect(forbidden(driverVmware, simulator, { test: true })).toBeUndefined();
    expect(forbidden(simulator, { ...libvirt, platform: 'vsphere' })).toBeUndefined();
    expect(forbidden(compute, memory, { test: true })).toBeUndefined();
    expect(forbidden(compute, driverLibvirt, { test: true })).toBeDefined();
  });

  it('holds for manifests and for the graph', () => {
    const packages = new Map([core, memory, driverVmware, libvirt].map((each) => [each.name, each]));
    const manifests = {
      core: {},
      'driver-memory': {},
      libvirt: {},
      'driver-vmware': { dependencies: { libvirt: '*' } },
    };
    expect(manifestProblems(packages, ({ name }) => manifests[name])).toHaveLength(1);
    expect(graphProblems(packages, { 'driver-vmware': [{ target: 'libvirt' }, { target: 'npm:zod' }] })).toHaveLength(
      1,
    );
    expect(graphProblems(packages, { 'driver-vmware': [{ target: 'core' }] })).toEqual([]);
  });
});
