import { hostId, type CallOptions, type HostId } from '@virt-drivers/core';
import { isDriverError } from '@virt-drivers/core';
import {
  connectGetCapabilities,
  connectGetDomainCapabilities,
  connectGetHostname,
  connectGetLibVersion,
  connectGetType,
  connectGetUri,
  connectGetVersion,
} from '@virt-drivers/libvirt';
import type { Daemon, NativeCall } from './connection.js';
import {
  readCapabilities,
  readDomainCapabilities,
  type NativeFeatures,
  type NativeHost,
} from './convert/capabilities-xml.js';

/** What does not change while the daemon runs. */
export interface Endpoint {
  readonly id: string;
  readonly hostId: HostId;
  readonly hostName: string;
  /** libvirt's own driver: `QEMU`, `TEST` … */
  readonly product: string;
  readonly version: string;
  readonly managementVersion: string;
  /** libvirt's version as libvirt counts: 9.0.0 is 9000000. */
  readonly libvirt: number;
  readonly host: NativeHost;
  readonly features: NativeFeatures;
}

const NO_FEATURES: NativeFeatures = { uefi: false, secureBoot: false, spice: false, vnc: false };

/** Asks the daemon what it is; one round trip, for all questions are sent at once. */
export async function readEndpoint(
  daemon: Daemon,
  machineType: string | undefined,
  options: CallOptions,
): Promise<Endpoint> {
  const ask = <T>(run: NativeCall<T>): Promise<T> => daemon.call({ what: 'Host', reads: true }, options, run);
  const [uri, product, version, libvirt, hostName, capabilities, features] = await Promise.all([
    ask(connectGetUri),
    ask(connectGetType),
    ask(connectGetVersion),
    ask(connectGetLibVersion),
    ask(connectGetHostname),
    ask(connectGetCapabilities),
    ask((connection, call) =>
      connectGetDomainCapabilities(connection, undefined, undefined, machineType, undefined, 0, call),
    )
      .then(readDomainCapabilities)
      .catch((error: unknown) => {
        // Only some of libvirt's drivers describe what their machines can have.
        if (isDriverError(error, 'CAPABILITY.ABSENT')) return NO_FEATURES;
        throw error;
      }),
  ]);
  const host = readCapabilities(capabilities);
  const identity = host.uuid ?? hostName;
  return {
    id: `${identity}:${uri}`,
    hostId: hostId(identity),
    hostName,
    product,
    version: versionText(version),
    managementVersion: versionText(libvirt),
    libvirt: Number(libvirt),
    host,
    features,
  };
}

/** 9000000 is 9.0.0. https://libvirt.org/html/libvirt-libvirt-host.html#virGetVersion */
const versionText = (version: bigint): string =>
  `${version / 1_000_000n}.${(version / 1_000n) % 1_000n}.${version % 1_000n}`;
