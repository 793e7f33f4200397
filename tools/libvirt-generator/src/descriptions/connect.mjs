/** @type {Record<string, string>} */
export const CONNECT = {
  connectGetType: 'Tells the name of the hypervisor driver behind the connection, such as `QEMU` or `TEST`.',
  connectGetVersion: "Tells the hypervisor's version as one number: major × 1,000,000 + minor × 1,000 + release.",
  connectGetMaxVcpus: 'Tells how many virtual processors a domain of the given type may have.',
  connectGetCapabilities: 'Describes host and guest abilities as capabilities XML.',
  connectListDefinedDomains: 'Lists the names of domains that are defined and not running.',
  connectNumOfDefinedDomains: 'Counts the domains that are defined and not running.',
  connectListDefinedNetworks: 'Lists the names of networks that are defined and not active.',
  connectListDomains: 'Lists the ids of running domains.',
  connectListNetworks: 'Lists the names of active networks.',
  connectNumOfDefinedNetworks: 'Counts the networks that are defined and not active.',
  connectNumOfDomains: 'Counts the running domains.',
  connectNumOfNetworks: 'Counts the active networks.',
  connectGetHostname: 'Tells the host name of the machine on which the hypervisor runs.',
  connectNumOfStoragePools: 'Counts the active storage pools.',
  connectListStoragePools: 'Lists the names of active storage pools.',
  connectNumOfDefinedStoragePools: 'Counts the storage pools that are defined and not active.',
  connectListDefinedStoragePools: 'Lists the names of storage pools that are defined and not active.',
  connectFindStoragePoolSources:
    'Searches the host or a server for things a pool of the given type could be made of; answers with XML.',
  connectGetUri: 'Tells the URI that the daemon itself has opened.',
  connectNumOfInterfaces: 'Counts the active host interfaces.',
  connectListInterfaces: 'Lists the names of active host interfaces.',
  connectDomainXmlFromNative: 'Turns a native configuration (`qemu-argv`, `xen-xl`, …) into domain XML.',
  connectDomainXmlToNative: 'Turns domain XML into a native configuration, for `qemu-argv` the command line.',
  connectNumOfDefinedInterfaces: 'Counts the host interfaces that are defined and not active.',
  connectListDefinedInterfaces: 'Lists the names of host interfaces that are defined and not active.',
  connectNumOfSecrets: 'Counts the secrets.',
  connectListSecrets: 'Lists the UUIDs of secrets, without dashes as libvirt sends them.',
  connectIsSecure: 'Tells whether the daemon regards the way to the hypervisor as safe from listeners: 1 or 0.',
  connectGetLibVersion:
    "Tells the daemon's libvirt version as one number: major × 1,000,000 + minor × 1,000 + release.",
  connectCompareCpu: "Compares a processor description with the host's; a `CpuCompareResult`.",
  connectBaselineCpu: 'Computes the processor description that all the given ones can run.',
  connectNumOfNwfilters: 'Counts the network filters.',
  connectListNwfilters: 'Lists the names of network filters.',
  connectGetSysinfo: "Describes the host's firmware tables as sysinfo XML.",
  connectListAllDomains: 'Lists domains; `flags` (`ConnectListAllDomainsFlags`) narrows the choice, 0 lists all.',
  connectListAllStoragePools: 'Lists storage pools; `flags` (`ConnectListAllStoragePoolsFlags`) narrows the choice.',
  connectListAllNetworks: 'Lists networks; `flags` (`ConnectListAllNetworksFlags`) narrows the choice.',
  connectListAllInterfaces: 'Lists host interfaces; `flags` (`ConnectListAllInterfacesFlags`) narrows the choice.',
  connectListAllNodeDevices:
    'Lists host devices; `flags` (`ConnectListAllNodeDeviceFlags`) narrows the choice by ability.',
  connectListAllNwfilters: 'Lists network filters.',
  connectListAllSecrets: 'Lists secrets; `flags` (`ConnectListAllSecretsFlags`) narrows the choice.',
  connectGetCpuModelNames: 'Lists the processor models known for an architecture such as `x86_64`.',
  connectGetDomainCapabilities:
    'Describes what domains of one emulator, architecture, machine and type can have, as XML.',
  connectGetAllDomainStats:
    'Collects statistics of many domains in one call. `stats` chooses groups (`DomainStatsTypes`, 0 is all), an empty list means every domain.',
  connectCompareHypervisorCpu:
    'Compares a processor description with what the hypervisor can offer; a `CpuCompareResult`.',
  connectBaselineHypervisorCpu:
    'Computes a processor description that the hypervisor can offer on all the given hosts.',
  connectListAllNwfilterBindings: 'Lists the network filters in force on host devices.',
  connectGetStoragePoolCapabilities: 'Describes which kinds of storage pools the daemon supports, as XML.',
  nodeGetInfo: "Tells the host's processor model, topology and memory. `memory` is in KiB, `mhz` in MHz.",
  nodeGetCellsFreeMemory: 'Tells the free memory of NUMA cells, in bytes each.',
  nodeGetFreeMemory: "Tells the host's free memory in bytes.",
  nodeNumOfDevices: "Counts the host's devices, all or those with one ability.",
  nodeListDevices: "Lists the names of the host's devices, all or those with one ability.",
  nodeGetSecurityModel:
    'Tells the security model that confines domains, such as `apparmor`; empty strings when there is none.',
  nodeGetCpuStats:
    'Tells the times of one host processor, or of all with -1, in nanoseconds. `nparams` must be the count that a call with 0 tells.',
  nodeGetMemoryStats:
    'Tells the memory of one NUMA cell, or of all with -1, in KiB. `nparams` must be the count that a call with 0 tells.',
  nodeSuspendForDuration:
    'Suspends the host itself for `duration` seconds (at least 60). `target` is a `NodeSuspendTarget`.',
  nodeSetMemoryParameters: "Sets the host's page sharing (KSM) parameters.",
  nodeGetMemoryParameters: "Tells the host's page sharing (KSM) parameters.",
  nodeGetCpuMap:
    'Tells which host processors are online, one bit each; `needMap` and `needOnline` are 1 for what is wanted.',
  nodeGetFreePages: 'Counts the free pages of each size, given in KiB, in NUMA cells.',
  nodeAllocPages: 'Reserves huge pages of each size, given in KiB, in NUMA cells; tells how many pools were changed.',
  nodeGetSevInfo: "Tells the host's AMD SEV platform data.",
  qemuDomainMonitorCommand:
    "Sends one command to QEMU's monitor, as JSON or, with `DomainQemuMonitorCommandFlags.Hmp`, as text.",
  qemuDomainAttach: "Takes a QEMU process, started by others, under libvirt's control.",
  qemuDomainAgentCommand:
    'Sends one JSON command to the QEMU guest agent. `timeout` is in seconds, or a `DomainQemuAgentCommandTimeoutValues`.',
};
