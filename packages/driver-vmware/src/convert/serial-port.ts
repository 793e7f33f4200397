import type { AnyVirtualDevice } from '@virt-drivers/vsphere';

/** A serial port that the machine's host listens for on a port of its own, wherever the machine runs. */
export const newSerialPort = (port: number): AnyVirtualDevice => ({
  $type: 'VirtualSerialPort',
  key: -601,
  backing: { $type: 'VirtualSerialPortURIBackingInfo', serviceURI: `tcp://:${port}`, direction: 'server' },
  connectable: { startConnected: true, allowGuestControl: false, connected: true },
  yieldOnPoll: true,
});

/** The port that a machine's first serial port is reached at; undefined for one that is none, or is elsewhere. */
export function serialPortOf(devices: readonly AnyVirtualDevice[]): number | undefined {
  const first = devices.find(({ $type }) => $type === 'VirtualSerialPort');
  const { backing } = first ?? {};
  if (backing?.$type !== 'VirtualSerialPortURIBackingInfo' || backing.direction !== 'server') return undefined;
  const [, port] = /^tcp:\/\/[^/]*:(\d+)$/.exec(backing.serviceURI) ?? [];
  return port === undefined ? undefined : Number(port);
}
