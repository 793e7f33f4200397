import type { CallOptions, OpenDriver } from '@virt-drivers/core';
import type { Simulator } from './simulator.js';

/** What a run ran on. */
export interface RunEnvironment {
  readonly node: string;
  readonly platform: string;
  /** Name and version of what answered in place of the products of these hosts. */
  readonly simulator?: string;
  readonly hosts: readonly {
    readonly product: string;
    readonly version: string;
    readonly managementVersion?: string;
    readonly hardwareAcceleration: boolean;
  }[];
}

interface Shown {
  readonly simulator?: string | undefined;
  readonly hosts: readonly { readonly product: string; readonly version: string }[];
}

/** Reads it from the endpoint and this process. */
export async function describeEnvironment(
  driver: OpenDriver,
  simulator: Simulator | undefined,
  call: CallOptions,
): Promise<RunEnvironment> {
  const hosts = await driver.hosts.list(call).all();
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    ...(simulator === undefined ? {} : { simulator: simulator.name }),
    hosts: hosts.map(({ hypervisor, managementVersion, hardwareAcceleration }) => ({
      product: hypervisor.product,
      version: hypervisor.version,
      ...(managementVersion === undefined ? {} : { managementVersion }),
      hardwareAcceleration,
    })),
  };
}

/** The products that answered, each once; a simulator is named as what it is. */
export function showEnvironment({ hosts, simulator }: Shown): string {
  const products = [...new Set(hosts.map(({ product, version }) => `${product} ${version}`))].join(', ');
  return simulator === undefined ? products : `${simulator} as ${products}`;
}
