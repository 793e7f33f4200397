// What a package manager sends to publish: the manifest and the bytes of one version in one document.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Parser } from 'tar';

/** The package.json inside a tarball. */
export async function manifestOf(tarball) {
  let text;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      if (entry.path !== 'package/package.json') return entry.resume();
      const chunks = [];
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => (text = Buffer.concat(chunks).toString('utf8')));
    },
  });
  await pipeline(Readable.from([tarball]), parser);
  if (text === undefined) throw new Error('The tarball has no package/package.json; pack it with: pnpm pack');
  return JSON.parse(text);
}

/** The document for `PUT /<name>`. With `integrity` it lies about the bytes. */
export function publishDocument(manifest, tarball, { url, tag, integrity }) {
  const { name, version } = manifest;
  const file = `${name}-${version}.tgz`;
  const dist = {
    integrity: integrity ?? `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
    tarball: new URL(`${name}/-/${file}`, url).href,
  };
  return {
    _id: name,
    name,
    'dist-tags': { [tag]: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    _attachments: {
      [file]: { content_type: 'application/octet-stream', data: tarball.toString('base64'), length: tarball.length },
    },
  };
}
