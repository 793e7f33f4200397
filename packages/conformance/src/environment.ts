import type { CallOptions, OpenDriver } from '@virt-drivers/core';

/** What a run ran on. */
export interface RunEnvironment {
  readonly node: string;
  readonly platform: string;
  readonly hosts: readonly {
    readonly product: string;
    readonly version: string;
    readonly managementVersion?: string;
    readonly hardwareAcceleration: boolean;
  }[];
}

/** Reads it from the endpoint and this process. */
export async function describeEnvironment(driver: OpenDriver, call: CallOptions): Promise<RunEnvironment> {
  const hosts = await driver.hosts.list(call).all();
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    hosts: hosts.map(({ hypervisor, managementVersion, hardwareAcceleration }) => ({
      product: hypervisor.product,
      version: hypervisor.version,
      ...(managementVersion === undefined ? {} : { managementVersion }),
      hardwareAcceleration,
    })),
  };
}
