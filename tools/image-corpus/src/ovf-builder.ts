/** A disk of a descriptor, lies included. */
export interface DiskLies {
  readonly href?: string;
  readonly size?: string;
  readonly capacity?: string;
  readonly units?: string;
  readonly populated?: string;
  readonly format?: string;
  readonly fileRef?: string;
  readonly fileExtra?: string;
  readonly diskExtra?: string;
  readonly resource?: string;
  /** Controller and place; default the SCSI controller, in order. */
  readonly parent?: string;
  readonly place?: string;
}

/** Parts of a descriptor that a test may replace. */
export interface OvfLies {
  readonly prolog?: string;
  readonly disks?: readonly DiskLies[];
  readonly references?: string;
  readonly hardware?: string;
  readonly systems?: number;
}

const VMDK = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
const item = (inner: string): string => `<Item>${inner}</Item>`;

/** A descriptor as exporters write it, of one machine with these disks. */
export function ovf({ prolog = '', disks = [{}], references = '', hardware = '', systems = 1 }: OvfLies = {}): string {
  const files = disks.map(
    ({ href, size, fileExtra = '' }, index) =>
      `<File ovf:id="file${index}" ovf:href="${href ?? `disk${index}.vmdk`}" ${size === undefined ? '' : `ovf:size="${size}"`} ${fileExtra}/>`,
  );
  const described = disks.map(
    ({ capacity = '1', units = 'byte * 2^20', populated, format = VMDK, fileRef, diskExtra = '' }, index) =>
      `<Disk ovf:diskId="vmdisk${index}" ovf:fileRef="${fileRef ?? `file${index}`}" ovf:capacity="${capacity}" ovf:capacityAllocationUnits="${units}" ${populated === undefined ? '' : `ovf:populatedSize="${populated}"`} ovf:format="${format}" ${diskExtra}/>`,
  );
  const drives = disks.map(({ resource, parent = '3', place }, index) =>
    item(
      `<rasd:AddressOnParent>${place ?? index}</rasd:AddressOnParent><rasd:ElementName>disk ${index}</rasd:ElementName><rasd:HostResource>${resource ?? `ovf:/disk/vmdisk${index}`}</rasd:HostResource><rasd:InstanceID>${10 + index}</rasd:InstanceID><rasd:Parent>${parent}</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType>`,
    ),
  );
  const system = `<VirtualSystem ovf:id="machine"><Info>A machine</Info><Name>web 1</Name>
<OperatingSystemSection ovf:id="94" vmw:osType="ubuntu64Guest"><Info>System</Info></OperatingSystemSection>
<ProductSection><Info>Ignored</Info><Product>Anything</Product></ProductSection>
<VirtualHardwareSection><Info>Hardware</Info>
${item('<rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity>')}
${item('<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity>')}
${item('<rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType>')}
${item('<rasd:Address>1</rasd:Address><rasd:InstanceID>4</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType>')}
${item('<rasd:AddressOnParent>7</rasd:AddressOnParent><rasd:Connection>lan</rasd:Connection><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType>')}
${hardware}
${drives.join('\n')}
<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
</VirtualHardwareSection></VirtualSystem>`;
  return `<?xml version="1.0" encoding="UTF-8"?>${prolog}
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References>${files.join('')}${references}</References>
<DiskSection><Info>Disks</Info>${described.join('')}</DiskSection>
<NetworkSection><Info>Networks</Info><Network ovf:name="lan"/></NetworkSection>
${system.repeat(systems)}
</Envelope>`;
}
