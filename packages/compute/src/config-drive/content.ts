import type { Json, Secret } from '@virt-drivers/core';

/** A file that the guest's first boot writes. */
export interface InjectedFile {
  /** Absolute path in the guest, at most 255 bytes, without `..`. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** How one nic of the guest gets an address. */
export type GuestAddress =
  | { readonly kind: 'dhcp4' | 'dhcp6' }
  | { readonly kind: 'static'; readonly address: string; readonly prefixLength: number; readonly gateway?: string };

/** One nic as the guest shall set it up; found by its address. */
export interface GuestLink {
  readonly macAddress: string;
  readonly mtu?: number;
  readonly addresses: readonly GuestAddress[];
}

/** What the guest is told about its networks. */
export interface GuestNetwork {
  readonly links: readonly GuestLink[];
  readonly dnsServers?: readonly string[];
}

/** What a guest can learn about itself at its first boot. */
export interface ConfigDriveContent {
  readonly instanceId: string;
  /** Display text, told to the guest exactly. */
  readonly name: string;
  /** Default: made of `name` by `hostnameFrom`. */
  readonly hostname?: string;
  /** Told to the guest exactly, as `meta`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** By name, in the form of an authorized_keys line. */
  readonly publicKeys?: Readonly<Record<string, string>>;
  /** For cloud-init or whatever reads it; handed over byte by byte. */
  readonly userData?: Uint8Array;
  readonly vendorData?: { readonly [key: string]: Json };
  readonly network?: GuestNetwork;
  readonly files?: readonly InjectedFile[];
  /** Readable for whoever reads the drive; never logged and never in the record. */
  readonly adminPassword?: Secret;
  readonly availabilityZone?: string;
  readonly projectId?: string;
  /** Also write the older EC2 form. Default false. */
  readonly ec2?: boolean;
}
