/** Namespaces of the OVF envelope: 1.x, 2.0 and VMware's 0.9. */
export const ENVELOPES: readonly string[] = [
  'http://schemas.dmtf.org/ovf/envelope/1',
  'http://schemas.dmtf.org/ovf/envelope/2',
  'http://www.vmware.com/schema/ovf/1/envelope',
];

/** VMware's extensions. */
export const VMWARE = 'http://www.vmware.com/schema/ovf';

const CIM = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/';

/** True for namespaces that say something here; whatever else a descriptor carries is somebody else's. */
export const isKnown = (namespace: string): boolean =>
  ENVELOPES.includes(namespace) || namespace === VMWARE || namespace.startsWith(CIM);
