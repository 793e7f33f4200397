import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { PinsContext } from './pins-context.js';
import type { Block, Pin, PinsFile } from './pins-schema.js';
import { failure } from './problem.js';

/** Which versions must not be used, and why. */
export interface BlockRequest {
  readonly name: string;
  readonly range: string;
  readonly reason: string;
  readonly fixedIn?: string;
}

/** Blocks a range of versions; pins in it stay where they are, as blocked, until they are upgraded. */
export function blockVersions(
  file: PinsFile,
  request: BlockRequest,
  { by, now }: Pick<PinsContext, 'by' | 'now'>,
): { readonly file: PinsFile; readonly hit: readonly Pin[] } {
  const { name, range, reason, fixedIn } = request;
  const subject = `${name}@${range}`;
  if (validRange(range) === null)
    throw failure('usage', subject, `"${range}" is not a version or a range of versions.`);
  if (fixedIn !== undefined && satisfies(fixedIn, range))
    throw failure(
      'usage',
      subject,
      `${name} ${fixedIn} is in the range ${range} that is to be blocked; name a version outside of it.`,
    );
  const at = now().toISOString();
  const block: Block = { package: name, range, reason, by, at, ...(fixedIn === undefined ? {} : { fixedIn }) };
  const isHit = (pin: Pin): boolean =>
    pin.package === name && satisfies(pin.version, range, { includePrerelease: true });
  const pins = file.pins.map((pin): Pin => (isHit(pin) ? { ...pin, state: 'blocked', reason, by, at } : pin));
  const others = file.blocks.filter((each) => each.package !== name || each.range !== range);
  return { file: { ...file, pins, blocks: [...others, block] }, hit: pins.filter(isHit) };
}
