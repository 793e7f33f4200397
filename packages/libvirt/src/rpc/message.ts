import type { XdrWriter } from '../xdr/writer.js';

/** Numbers of the framing, from libvirt's virnetprotocol.x; they have not changed since the first version. */
export const MessageType = { Call: 0, Reply: 1, Event: 2, Stream: 3, StreamHole: 6 } as const;
export const MessageStatus = { Ok: 0, Error: 1, Continue: 2 } as const;

export const LENGTH_BYTES = 4;
export const HEADER_BYTES = 24;
/** A whole message with its length field. */
export const MESSAGE_MAX = 33554432 + LENGTH_BYTES;
/** What libvirt's own client puts in one stream packet; every daemon takes it. */
export const STREAM_PAYLOAD_MAX = 262120;
export const PROTOCOL_VERSION = 1;

export interface MessageHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** One message as it came, without its length field; `body` is only valid until the handler returns. */
export interface Message extends MessageHeader {
  readonly body: Buffer;
}

/** Starts a message and returns where; `finishMessage` fills in the length. */
export function startMessage(writer: XdrWriter, header: Omit<MessageHeader, 'version'>): number {
  const start = writer.length;
  writer.writeUInt32(0);
  writer.writeUInt32(header.program);
  writer.writeUInt32(PROTOCOL_VERSION);
  writer.writeInt32(header.procedure);
  writer.writeUInt32(header.type);
  writer.writeUInt32(header.serial);
  writer.writeUInt32(header.status);
  return start;
}

/** `extra` counts bytes that are sent after this message's own, as part of it. */
export function finishMessage(writer: XdrWriter, start: number, extra = 0): void {
  writer.patchUInt32(start, writer.length - start + extra);
}

/** The message that lies in `bytes`. */
export function parseMessage(bytes: Buffer, start: number, end: number): Message {
  return {
    program: bytes.readUInt32BE(start),
    version: bytes.readUInt32BE(start + 4),
    procedure: bytes.readInt32BE(start + 8),
    type: bytes.readUInt32BE(start + 12),
    serial: bytes.readUInt32BE(start + 16),
    status: bytes.readUInt32BE(start + 20),
    body: bytes.subarray(start + HEADER_BYTES, end),
  };
}
