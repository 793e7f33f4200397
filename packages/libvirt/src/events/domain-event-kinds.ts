import * as messages from '../gen/event-messages.gen.js';
import type { XdrReader } from '../xdr/reader.js';

/** libvirt's number for a kind of domain event, the message it comes in, and how that is read. */
interface DomainEventKindEntry<E> {
  readonly eventId: number;
  readonly procedure: number;
  readonly read: (reader: XdrReader) => E;
}

function kind<E>(eventId: number, procedure: number, read: (reader: XdrReader) => E): DomainEventKindEntry<E> {
  return { eventId, procedure, read };
}

/** The events of the first protocol come wrapped with the id of their registration. */
function wrapped<E>(
  eventId: number,
  procedure: number,
  read: (reader: XdrReader) => { readonly msg: E },
): DomainEventKindEntry<E> {
  return kind(eventId, procedure, (reader) => read(reader).msg);
}

/** Every kind of domain event that libvirt 9.0 sends. Source: libvirt API virDomainEventID. */
export const DOMAIN_EVENT_KINDS = {
  lifecycle: wrapped(0, 318, messages.readDomainEventCallbackLifecycleMessage),
  reboot: wrapped(1, 319, messages.readDomainEventCallbackRebootMessage),
  rtcChange: wrapped(2, 320, messages.readDomainEventCallbackRtcChangeMessage),
  watchdog: wrapped(3, 321, messages.readDomainEventCallbackWatchdogMessage),
  ioError: wrapped(4, 322, messages.readDomainEventCallbackIoErrorMessage),
  graphics: wrapped(5, 323, messages.readDomainEventCallbackGraphicsMessage),
  ioErrorReason: wrapped(6, 324, messages.readDomainEventCallbackIoErrorReasonMessage),
  controlError: wrapped(7, 325, messages.readDomainEventCallbackControlErrorMessage),
  blockJob: wrapped(8, 326, messages.readDomainEventCallbackBlockJobMessage),
  diskChange: wrapped(9, 327, messages.readDomainEventCallbackDiskChangeMessage),
  trayChange: wrapped(10, 328, messages.readDomainEventCallbackTrayChangeMessage),
  pmWakeup: wrapped(11, 329, messages.readDomainEventCallbackPmwakeupMessage),
  pmSuspend: wrapped(12, 330, messages.readDomainEventCallbackPmsuspendMessage),
  balloonChange: wrapped(13, 331, messages.readDomainEventCallbackBalloonChangeMessage),
  pmSuspendDisk: wrapped(14, 332, messages.readDomainEventCallbackPmsuspendDiskMessage),
  deviceRemoved: wrapped(15, 333, messages.readDomainEventCallbackDeviceRemovedMessage),
  blockJob2: kind(16, 339, messages.readDomainEventBlockJob2Message),
  tunable: kind(17, 346, messages.readDomainEventCallbackTunableMessage),
  agentLifecycle: kind(18, 348, messages.readDomainEventCallbackAgentLifecycleMessage),
  deviceAdded: kind(19, 354, messages.readDomainEventCallbackDeviceAddedMessage),
  migrationIteration: kind(20, 359, messages.readDomainEventCallbackMigrationIterationMessage),
  jobCompleted: kind(21, 363, messages.readDomainEventCallbackJobCompletedMessage),
  deviceRemovalFailed: kind(22, 367, messages.readDomainEventCallbackDeviceRemovalFailedMessage),
  metadataChange: kind(23, 379, messages.readDomainEventCallbackMetadataChangeMessage),
  blockThreshold: kind(24, 385, messages.readDomainEventBlockThresholdMessage),
  memoryFailure: kind(25, 423, messages.readDomainEventMemoryFailureMessage),
  memoryDeviceSizeChange: kind(26, 438, messages.readDomainEventMemoryDeviceSizeChangeMessage),
};
