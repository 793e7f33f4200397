import { expect, test } from '@jest/globals';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { encodeRequest } from '../src/codec/encode-request.js';
import { methodNamed, methodNames } from '../src/schema/schema.js';
import { shippedMethod } from '../src/session/login.js';
import { requestValidator } from './request-schema.js';
import { sampleFields, sampleObject, sendableTypes } from './sample-values.js';

const validator = await requirePeer(async () => requestValidator());

const target = { type: 'ManagedObject', value: 'id-1' };
const ways = ['all', 'least'] as const;
/** In the tables of pyVmomi, and not in the schemas: parts that VMware does not document. */
const UNDOCUMENTED = new Set([
  'NetworkBandwidthAllocationInfo',
  'PbmCapabilitySubProfileWithCandidates',
  'ResourceConfigSpec.networkBandwidthAllocation',
  'ToolsConfigInfo.upgradeRebootPredict',
  'VirtualCdromAtapiBackingInfo.description',
  'VirtualCdromPassthroughBackingInfo.description',
]);

/** A request that has an object of a type where anything may stand. */
function carrying(type: string, how: 'all' | 'least'): string {
  const value = sampleObject(type, how);
  const spec = { extraConfig: [{ key: 'k', value }] };
  return encodeRequest(shippedMethod('ReconfigVM_Task'), target, { spec });
}

/** The same within PBM, whose types are another namespace's. */
function carryingInPbm(type: string, how: 'all' | 'least'): string {
  const propertyInstance = [{ id: 'p', value: sampleObject(type, how) }];
  const id = { namespace: 'n', id: 'i' };
  const subProfiles = [{ name: 's', capability: [{ id, constraint: [{ propertyInstance }] }] }];
  const constraints = { $type: 'PbmCapabilitySubProfileConstraints', subProfiles };
  const createSpec = { name: 'x', resourceType: { resourceType: 'STORAGE' }, constraints };
  return encodeRequest(shippedMethod('PbmCreate'), target, { createSpec });
}

describeWith("what is sent is valid by VMware's own schemas", validator, (validator) => {
  test.each(['vim25', 'pbm'] as const)('every method of %s', async (service) => {
    const names = methodNames().filter((name) => methodNamed(name)?.service === service);
    const calls = names.flatMap((name) => ways.map((how) => ({ name, how })));
    const requests = calls.map(({ name, how }) => {
      const method = shippedMethod(name);
      return encodeRequest(method, target, sampleFields(method.parameters, how));
    });
    expect(requests.length).toBeGreaterThan(service === 'pbm' ? 30 : 800);
    expect(await validator.problems(service, requests)).toEqual([]);
  });

  test.each(['vim25', 'pbm'] as const)('every data type that a parameter of %s can hold', async (service) => {
    const names = sendableTypes(service);
    const values = names.flatMap((name) => ways.map((how) => ({ name, how })));
    const carrier = service === 'pbm' ? carryingInPbm : carrying;
    const problems = await validator.problems(
      service,
      values.map(({ name, how }) => carrier(name, how)),
    );
    const named = problems?.map((problem) => {
      const { name } = values[Number.parseInt(problem, 10)] ?? { name: problem };
      const field = /\}(\w+)': This element is not expected/.exec(problem)?.[1];
      return field === undefined ? (/does not resolve/.test(problem) ? name : problem) : `${name}.${field}`;
    });
    expect(names.length).toBeGreaterThan(service === 'pbm' ? 10 : 500);
    expect([...new Set(named)].filter((one) => !UNDOCUMENTED.has(one))).toEqual([]);
  });

  test('the validator notices a wrong order, a missing element and an unknown one', async () => {
    const request = (spec: string) =>
      `<soapenv:Body><ReconfigVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-1</_this><spec>${spec}</spec></ReconfigVM_Task></soapenv:Body>`;
    const wrong = [
      '<numCPUs>1</numCPUs><name>x</name>',
      '<extraConfig><value xsi:type="xsd:int">1</value></extraConfig>',
    ];
    const all = ['<name>x</name><numCPUs>1</numCPUs>', ...wrong, '<nam>x</nam>'].map(request);
    const problems = await validator.problems('vim25', all);
    expect(problems?.map((problem) => Number.parseInt(problem, 10))).toEqual([1, 2, 3]);
  });
});
