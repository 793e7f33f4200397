import type { CallOptions, Secret } from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import {
  SecretUsageType,
  secretDefineXml,
  secretLookupByUsage,
  secretSetValue,
  secretUndefine,
  type Secret as NativeSecret,
} from '@virt-drivers/libvirt';
import { volumeSecretXml } from '../convert/encryption-xml.js';
import type { About } from '../errors.js';
import type { LibvirtSession } from '../session.js';

const unlessGone = undefinedOn('VOLUME.NOT_FOUND');

/*
 * Keys of encrypted volumes are secrets of libvirt, found by the volume's location: in the daemon's memory alone, gone
 * with it, and read back by nobody.
 */

const about = (location: string): About => ({
  what: `Key of ${location}`,
  means: {
    // What a secret that is looked for in vain means here; toDriverError's own answer is about machines.
    NO_SECRET: { code: 'VOLUME.NOT_FOUND', says: 'is not there' },
  },
});

/** Gives the host the key. */
export async function setKey(
  session: LibvirtSession,
  location: string,
  key: Secret,
  options: CallOptions,
): Promise<void> {
  const secret = (await findKey(session, location, options)) ?? (await define(session, location, options));
  await session.daemon.call({ ...about(location), secrets: [key] }, options, (connection, call) =>
    secretSetValue(connection, secret, new TextEncoder().encode(key.reveal()), 0, call),
  );
}

/** Takes the key back; one that is not there is no error. */
export async function dropKey(session: LibvirtSession, location: string, options: CallOptions): Promise<void> {
  const secret = await findKey(session, location, options);
  if (!secret) return;
  await session.daemon
    .call(about(location), options, (connection, call) => secretUndefine(connection, secret, call))
    .catch(unlessGone);
}

const define = ({ daemon }: LibvirtSession, location: string, options: CallOptions): Promise<NativeSecret> =>
  daemon.call(about(location), options, (connection, call) =>
    secretDefineXml(connection, volumeSecretXml(location), 0, call),
  );

const findKey = (
  { daemon }: LibvirtSession,
  location: string,
  options: CallOptions,
): Promise<NativeSecret | undefined> =>
  daemon
    .call({ ...about(location), reads: true }, options, (connection, call) =>
      secretLookupByUsage(connection, SecretUsageType.Volume, location, call),
    )
    .catch(unlessGone);
