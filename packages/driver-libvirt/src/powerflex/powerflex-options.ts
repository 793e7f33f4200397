import * as v from 'valibot';

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
const path = v.pipe(v.string(), v.startsWith('/'), v.maxLength(4096));

const schema = v.strictObject({
  pool: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,100}$/)),
  gateway: v.pipe(v.string(), v.regex(/^https:\/\/[^/@?#]+\/?$/)),
  user: v.pipe(name, v.excludes(':')),
  passwordFile: path,
  caFile: v.optional(path),
  protectionDomain: name,
  storagePool: name,
  dataClient: name,
  deviceDirectory: v.optional(path),
});

/** Where udev names devices by what they are. */
export const DEVICES = '/dev/disk/by-id';

/** A storage pool of PowerFlex (ScaleIO), whose volumes are block devices of hosts that run its data client (SDC). */
export interface PowerFlexOptions {
  /** Name that the pool has at libvirt and as a pool of this driver. */
  readonly pool: string;
  /** `https://host[:port]` of the REST gateway. */
  readonly gateway: string;
  /** Account at the gateway. */
  readonly user: string;
  /** File of this computer that the password is read from; only its owner may be able to read it. */
  readonly passwordFile: string;
  /** Authorities to trust instead of the system's, a file in PEM. Certificates are always verified. */
  readonly caFile?: string;
  /** By name. */
  readonly protectionDomain: string;
  /** By name. Its zero padding must be on. */
  readonly storagePool: string;
  /** The host's data client: its GUID (`drv_cfg --query_guid`) or its id at the gateway. */
  readonly dataClient: string;
  /** Where the host has the names of devices; default `/dev/disk/by-id`. */
  readonly deviceDirectory?: string;
}

export const isPowerFlexOptions = (value: unknown): value is PowerFlexOptions => v.is(schema, value);
