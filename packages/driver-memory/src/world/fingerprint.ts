import { canonicalText } from '@virt-drivers/core/kit';
import { conflict } from '../errors.js';
import type { Scene } from './scene.js';
import type { TokenState } from './state.js';

/** Text that is equal for equal requests; functions and the token itself do not count. */
export const fingerprintOf = (request: object): string => canonicalText({ ...request, clientToken: undefined });

/** What was done for this token; `REQUEST.CONFLICT` when it was something else. */
export function doneBefore(
  { state }: Scene,
  kind: string,
  token: string | undefined,
  request: object,
): TokenState | undefined {
  const done = token === undefined ? undefined : state.tokens[`${kind}:${token}`];
  if (done && done.fingerprint !== fingerprintOf(request)) {
    throw conflict(`Client token ${token} was used for another request; use a new token for a new ${kind}.`, {
      ...(token !== undefined && { subject: token }),
    });
  }
  return done;
}

/** Remembers what was done for this token. */
export function remember(
  { state }: Scene,
  kind: string,
  token: string | undefined,
  request: object,
  done: Omit<TokenState, 'fingerprint'>,
): void {
  if (token !== undefined) state.tokens[`${kind}:${token}`] = { ...done, fingerprint: fingerprintOf(request) };
}

/** A token is remembered with its machine, not longer: the same instance may be made anew. */
export function forgetTokensOf({ state }: Scene, machine: string): void {
  for (const [token, done] of Object.entries(state.tokens)) {
    if (done.machine === machine) Reflect.deleteProperty(state.tokens, token);
  }
}
