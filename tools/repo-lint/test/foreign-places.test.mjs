import { foreignPlaces } from '../src/foreign-places.mjs';

describe('foreign places', () => {
  it.each([
    'registry=https://somewhere.test/',
    'resolution: {tarball: https://somewhere.test/a.tgz}',
    '"resolved": "https://npm.somewhere.test/a/-/a-1.0.0.tgz"',
    'see https://artifactory.somewhere.test/api/npm/x',
  ])('are noticed in %s', (text) => {
    expect(foreignPlaces(text)).not.toEqual([]);
  });

  it.each(['resolution: {integrity: sha512-x}', 'https://libvirt.org/uri.html'])('are not seen in %s', (text) => {
    expect(foreignPlaces(text)).toEqual([]);
  });
});
