import { expect, test } from '@jest/globals';
import { isVsphereError } from '../errors/vsphere-error.js';
import { shippedMethod } from '../session/login.js';
import { AnswerDecoder } from './answer-decoder.js';

const envelope = (body: string) =>
  '<?xml version="1.0"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
  `xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Header><x>skipped</x></s:Header><s:Body>${body}</s:Body></s:Envelope>\n`;

const LISTING = envelope(
  `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><token>0</token><objects><obj type="VirtualMachine">vm-é/1@x</obj>
  <propSet><name>name</name><val i:type="xsd:string">a &amp; b &#x4e2d; <![CDATA[<raw>]]></val></propSet>
  <propSet><name>size</name><val xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" XMLSchema-instance:type="xsd:long">9223372036854775807</val></propSet>
  <propSet><name>devices</name><val i:type="ArrayOfVirtualDevice"><VirtualDevice i:type="VirtualDisk"><key>2000</key><capacityInKB>-1</capacityInKB>
  <newerServers a=">" b='"'><whatever/></newerServers><backing i:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds] \u{1f600}.vmdk</fileName><diskMode>persistent</diskMode></backing></VirtualDevice></val></propSet>
  <propSet><name>newer</name><val i:type="SomethingNew"><x>1</x></val></propSet>
  <propSet><name>refs</name><val i:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Datastore" i:type="ManagedObjectReference">/tmp/x@folder-5</ManagedObjectReference></val></propSet>
  <missingSet><path>secret</path><fault><fault i:type="NoPermission"><object type="VirtualMachine">vm-1</object><privilegeId>System.Read</privilegeId></fault><localizedMessage/></fault></missingSet>
  </objects></returnval></RetrievePropertiesExResponse>`,
);

const EXPECTED = {
  $type: 'RetrieveResult',
  token: '0',
  objects: [
    {
      $type: 'ObjectContent',
      obj: { type: 'VirtualMachine', value: 'vm-é/1@x' },
      propSet: [
        { $type: 'DynamicProperty', name: 'name', val: 'a & b \u4e2d <raw>' },
        { $type: 'DynamicProperty', name: 'size', val: 9223372036854775807n },
        {
          $type: 'DynamicProperty',
          name: 'devices',
          val: [
            {
              $type: 'VirtualDisk',
              key: 2000,
              capacityInKB: -1n,
              backing: {
                $type: 'VirtualDiskFlatVer2BackingInfo',
                fileName: '[ds] \u{1f600}.vmdk',
                diskMode: 'persistent',
              },
            },
          ],
        },
        { $type: 'DynamicProperty', name: 'newer', val: { $type: 'SomethingNew' } },
        { $type: 'DynamicProperty', name: 'refs', val: [{ type: 'Datastore', value: '/tmp/x@folder-5' }] },
      ],
      missingSet: [
        {
          $type: 'MissingProperty',
          path: 'secret',
          fault: {
            $type: 'LocalizedMethodFault',
            fault: {
              $type: 'NoPermission',
              object: { type: 'VirtualMachine', value: 'vm-1' },
              privilegeId: 'System.Read',
            },
            localizedMessage: '',
          },
        },
      ],
    },
  ],
};

function decode(text: string, cuts: readonly number[] = [], method = 'RetrievePropertiesEx') {
  const bytes = Buffer.from(text);
  const decoder = new AnswerDecoder(shippedMethod(method));
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    decoder.write(bytes.subarray(start, cut));
    start = cut;
  }
  return decoder.end();
}

const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return isVsphereError(error) ? error.code : error;
  }
};

test('an answer means the same wherever its pieces end', () => {
  expect(decode(LISTING).result).toEqual(EXPECTED);
  const { length } = Buffer.from(LISTING);
  for (let cut = 1; cut < length; cut++) expect(decode(LISTING, [cut]).result).toEqual(EXPECTED);
  expect(
    decode(
      LISTING,
      Array.from({ length: length - 1 }, (_, index) => index + 1),
    ).result,
  ).toEqual(EXPECTED);
});

test('an answer that ends early is a protocol violation, wherever it does', () => {
  const bytes = Buffer.from(LISTING.trimEnd());
  for (let end = 0; end < bytes.length; end++)
    expect(codeOf(() => decode(bytes.subarray(0, end).toString('utf8')))).toBe('PROTOCOL_VIOLATION');
});

test('a streamed list is given away, the rest stays', () => {
  const given: unknown[] = [];
  const decoder = new AnswerDecoder(shippedMethod('RetrievePropertiesEx'), {
    field: 'objects',
    push: (value) => given.push(value),
  });
  decoder.write(Buffer.from(LISTING));
  expect(decoder.end().result).toEqual({ $type: 'RetrieveResult', token: '0', objects: [] });
  expect(given).toEqual(EXPECTED.objects);
});

test('a fault is known by its type, by its element, or as a fault', () => {
  const fault = (detail: string) =>
    decode(
      envelope(
        `<s:Fault><faultcode>s:Server</faultcode><faultstring>Text</faultstring><detail>${detail}</detail></s:Fault>`,
      ),
    ).fault;
  const typed =
    '<InvalidStateFault xmlns="urn:vim25" i:type="InvalidPowerState"><requestedState>poweredOn</requestedState></InvalidStateFault>';
  expect(fault(typed)?.detail).toMatchObject({ $type: 'InvalidPowerState', requestedState: 'poweredOn' });
  expect(fault('<NotFoundFault xmlns="urn:vim25"/>')?.detail).toEqual({ $type: 'NotFound' });
  expect(fault('<x i:type="OfNextYear"><y>1</y></x>')?.detail).toEqual({ $type: 'OfNextYear' });
  expect(fault('')).toEqual({ code: 's:Server', text: 'Text', detail: undefined });
});

test('control characters of a name are passed on as they are', () => {
  const name = '<CurrentTimeResponse><returnval>a\u0001b&#x2;c</returnval></CurrentTimeResponse>';
  expect(decode(envelope(name), [], 'CurrentTime').result).toBe('a\u0001b\u0002c');
});

test.each([
  ['a page of a proxy', '<html><body>Service Unavailable</body></html>'],
  ['text', 'Service Unavailable'],
  ['nothing', ''],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${envelope('')}`],
  ['an unknown entity', envelope('<CurrentTimeResponse><returnval>&bomb;</returnval></CurrentTimeResponse>')],
  ['another answer', envelope('<LoginResponse/>')],
  ['no body', '<s:Envelope xmlns:s="x"></s:Envelope>'],
  ['crossed tags', '<a:Envelope><a:Body></a:Envelope></a:Body>'],
  ['two documents', envelope('<CurrentTimeResponse/>') + envelope('<CurrentTimeResponse/>')],
  ['text after the document', `${envelope('<CurrentTimeResponse/>')}more`],
  ['endless depth', envelope(`<CurrentTimeResponse>${'<a>'.repeat(1000)}`)],
  [
    'an undeclared prefix',
    envelope('<CurrentTimeResponse><returnval i:type="zzz:string">1</returnval></CurrentTimeResponse>'),
  ],
])('%s is a protocol violation', (_, text) => {
  expect(codeOf(() => decode(text, [], 'CurrentTime'))).toBe('PROTOCOL_VIOLATION');
});

test('a value that is not of its type is refused', () => {
  const answer = envelope('<SessionIsActiveResponse><returnval>maybe</returnval></SessionIsActiveResponse>');
  expect(codeOf(() => decode(answer, [], 'SessionIsActive'))).toBe('PROTOCOL_VIOLATION');
});
