/*
 * Ceph knows which image continues which, and refuses to delete one that others continue; libvirt tells neither. So
 * each clone has a companion without content, whose name says it: `vd-base+BASE+CLONE`. Names of volumes have no `+`.
 * It is there before its clone, and one whose clone is not there means nothing.
 */
const LINK = /^vd-base\+([^+]+)\+([^+]+)$/;

/** Name of the companion. */
export const linkName = (base: string, clone: string): string => `vd-base+${base}+${clone}`;

/** True for companions, which are no volumes to anybody. */
export const isLink = (name: string): boolean => LINK.test(name);

/** Clones of an image, by the names in its pool. */
export function clonesOf(names: readonly string[], image: string): readonly string[] {
  const present = new Set(names);
  return names.flatMap((name) => {
    const [, base, clone] = LINK.exec(name) ?? [];
    return base === image && clone !== undefined && present.has(clone) ? [clone] : [];
  });
}

/** What an image continues, by the names in its pool. */
export function baseIn(names: readonly string[], image: string): string | undefined {
  for (const name of names) {
    const [, base, clone] = LINK.exec(name) ?? [];
    if (clone === image) return base;
  }
  return undefined;
}
