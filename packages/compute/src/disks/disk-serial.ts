/** Serial of a disk of an instance. Twenty characters are allowed: up to seven for the part, twelve of the instance. */
export const serialOf = (instanceId: string, part: string): string =>
  `${part.replace('ephemeral', 'eph').slice(0, 7)}-${instanceId.replaceAll('-', '').slice(-12)}`;
