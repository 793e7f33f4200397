const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** True for what RFC 1123 allows as a host name: labels of letters, digits and hyphens. */
export const isHostname = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((label) => LABEL.test(label));

/** A host name as close to a display name as RFC 1123 allows; `fallback` when nothing of it can be kept. */
export function hostnameFrom(name: string, fallback: string): string {
  const kept = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\s_.]+/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return kept || fallback;
}
