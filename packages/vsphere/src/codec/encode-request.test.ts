import { expect, test } from '@jest/globals';
import { isVsphereError } from '../errors/vsphere-error.js';
import { shippedMethod } from '../session/login.js';
import { encodeRequest } from './encode-request.js';

const machine = { type: 'VirtualMachine', value: 'vm-1 & <2>' };

function body(name: string, parameters: object): string {
  const request = encodeRequest(shippedMethod(name), machine, parameters);
  return /<soapenv:Body>(.*)<\/soapenv:Body>/s.exec(request)?.[1] ?? '';
}

function refusal(name: string, parameters: object): string {
  try {
    return body(name, parameters);
  } catch (error) {
    return isVsphereError(error) && error.code === 'INVALID_ARGUMENT' ? error.message : String(error);
  }
}

test('elements come in the order of the wire, types where they differ from what is declared', () => {
  const disk = {
    capacityInKB: 2n ** 40n,
    backing: { diskMode: 'persistent', fileName: '[a] "b"', $type: 'VirtualDiskFlatVer2BackingInfo' },
    unitNumber: 0,
    key: -1,
    $type: 'VirtualDisk',
  };
  const spec = { deviceChange: [{ device: disk, operation: 'add' }], numCPUs: 2, name: 'x' };
  expect(body('ReconfigVM_Task', { spec })).toBe(
    '<ReconfigVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-1 &amp; &lt;2&gt;</_this><spec><name>x</name>' +
      '<numCPUs>2</numCPUs><deviceChange><operation>add</operation><device xsi:type="VirtualDisk"><key>-1</key>' +
      '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[a] &quot;b&quot;</fileName><diskMode>persistent</diskMode></backing>' +
      '<unitNumber>0</unitNumber><capacityInKB>1099511627776</capacityInKB></device></deviceChange></spec></ReconfigVM_Task>',
  );
});

test('where anything may stand, the value tells its type', () => {
  const extraConfig = ['text', 7, 7n, 1.5, true, new Uint8Array([1, 2])].map((value) => ({ key: 'k', value }));
  const xml = body('ReconfigVM_Task', { spec: { extraConfig } });
  expect([...xml.matchAll(/<value xsi:type="([^"]+)">([^<]*)/g)].map(([, type, text]) => `${type}=${text}`)).toEqual([
    'xsd:string=text',
    'xsd:int=7',
    'xsd:long=7',
    'xsd:double=1.5',
    'xsd:boolean=true',
    'xsd:base64Binary=AQI=',
  ]);
});

test.each([
  ['an unknown field', { spec: { memory: 1 } }, 'ReconfigVM_Task.spec has no field memory.'],
  ['a missing parameter', {}, 'ReconfigVM_Task.spec is required.'],
  ['a number for a long', { spec: { memoryMB: 1 } }, 'ReconfigVM_Task.spec.memoryMB must be a bigint of 64 bits.'],
  [
    'a long that is too long',
    { spec: { memoryMB: 2n ** 63n } },
    'ReconfigVM_Task.spec.memoryMB must be a bigint of 64 bits.',
  ],
  [
    'an int that is too large',
    { spec: { numCPUs: 2 ** 31 } },
    'ReconfigVM_Task.spec.numCPUs must be an integer of type int.',
  ],
  ['a fraction', { spec: { numCPUs: 1.5 } }, 'ReconfigVM_Task.spec.numCPUs must be an integer of type int.'],
  [
    'another enumeration',
    { spec: { deviceChange: [{ operation: 'ADD', device: {} }] } },
    /operation must be one of add,/,
  ],
  [
    'a type that does not fit',
    { spec: { deviceChange: [{ operation: 'add', device: { $type: 'HostSystem' } }] } },
    /device is a HostSystem, which is no VirtualDevice/,
  ],
  ['one object for a list', { spec: { deviceChange: {} } }, /deviceChange must be a list/],
  ['a control character', { spec: { name: 'a\u0000' } }, /name has a character that XML cannot carry/],
  ['half a surrogate pair', { spec: { name: '\ud83d' } }, /name has a character that XML cannot carry/],
])('%s is refused', (_, parameters, message) => {
  expect(refusal('ReconfigVM_Task', parameters)).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
});
