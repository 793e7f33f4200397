import { expect, it } from '@jest/globals';
import { domainName, newMacAddress } from './identity.js';

it('gives the same id to the same token, and another to none', () => {
  expect(domainName('a', 'token-1')).toBe(domainName('b', 'token-1'));
  expect(domainName('a', 'token-1')).toMatch(
    /^vd-[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(domainName('a', 'token-1')).not.toBe(domainName('a', 'token-2'));
  expect(domainName('a', undefined)).toBe('vd-a');
});

it('makes unicast addresses', () => expect(newMacAddress()).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/));
