import { expect, it } from '@jest/globals';
import { nameUuid } from './name-uuid.js';

it('is the uuid of the specification’s example', () => {
  // RFC 9562, appendix A.4: the namespace of domain names.
  const ofDomains = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  expect(nameUuid(ofDomains, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
});
