import * as v from 'valibot';
import type { Remotes } from '../default-remotes.js';
import { readJsonWithSecrets } from './driver-options.js';
import { CommandFailure, EXIT } from './fail.js';

/** What is in a connection is checked when a driver is given it. */
const remotes = v.tuple([v.looseObject({ protocol: v.string() }), v.looseObject({ protocol: v.string() })]);

/** Two volumes of other systems, as connections of the contract. */
export async function readRemotes(file: string): Promise<Remotes> {
  const value = await readJsonWithSecrets(file);
  if (isRemotes(value)) return value;
  throw new CommandFailure(
    EXIT.usage,
    `File ${file} must hold a JSON array of two connections, such as {"protocol":"nbd","server":{"host":"192.0.2.7","port":10809},"exportName":"one"}.`,
  );
}

const isRemotes = (value: unknown): value is Remotes => v.is(remotes, value);
