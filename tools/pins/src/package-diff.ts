import { createTwoFilesPatch } from 'diff';
import type { Tarball } from './tarball.js';

// Bundlers put a hash of the content into names, which says nothing about the API.
const withoutHash = (text: string): string => text.replace(/-[A-Za-z0-9_-]{8}(?=\.(d\.ts|js)\b)/g, '');

/** The API of a package as text: its API reports where it carries them, else its declarations. */
function apiOf({ files }: Tarball): string {
  const names = [...files.keys()].sort();
  const reports = names.filter((name) => name.endsWith('.api.md'));
  const chosen = reports.length > 0 ? reports : names.filter((name) => name.endsWith('.d.ts'));
  return chosen.map((name) => withoutHash(`// ${name}\n${files.get(name)?.toString('utf8') ?? ''}`)).join('\n');
}

const MAPS = /^\/\/# sourceMappingURL=.*$/gm;

/** What changed in the API between two tarballs, as a unified diff; empty when nothing did. */
export function apiDiff(
  before: Tarball,
  after: Tarball,
  names: { readonly before: string; readonly after: string },
): string {
  const [old, now] = [before, after].map((tarball) => apiOf(tarball).replace(MAPS, ''));
  if (old === now) return '';
  return createTwoFilesPatch(names.before, names.after, old ?? '', now ?? '', '', '', { context: 2 });
}
