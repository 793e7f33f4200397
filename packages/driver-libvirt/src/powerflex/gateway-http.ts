import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** Where a gateway is, and whom it is trusted by. */
export interface GatewayAddress {
  /** `https://host[:port]` */
  readonly url: string;
  /** Authorities to trust instead of the system's, in PEM. */
  readonly ca?: string;
}

export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly authorization: string;
  readonly body?: string;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly text: string;
}

/** What became of a request that got no answer. */
export class NoAnswer extends Error {
  constructor(
    readonly reached: boolean,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }

  /** The server's certificate was refused, so that it was told nothing. */
  get untrusted(): boolean {
    const { cause } = this;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
    return !this.reached && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
  }
}

/** The owner of the connections to one gateway. */
export interface GatewayHttp {
  /** Rejects with `NoAnswer`, or with the signal's reason. */
  send(exchange: GatewayRequest, signal: AbortSignal): Promise<GatewayAnswer>;
  close(): void;
}

/** Listings of the largest systems are a few megabytes. */
const LARGEST_ANSWER = 64 << 20;

/** Connections by TLS only; the server's certificate is always verified. */
export function createGatewayHttp({ url, ca }: GatewayAddress): GatewayHttp {
  const trust = ca === undefined ? {} : { ca };
  const reading = new Agent({ ...trust, keepAlive: true, maxSockets: 8 });
  // What changes something is not sent on a connection that the server may be closing just now: nobody could tell
  // whether it arrived.
  const changing = new Agent({ ...trust, maxSockets: 8 });
  return {
    send: ({ method, path, authorization, body }, signal) =>
      new Promise((resolve, reject) => {
        let reached = false;
        const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : new NoAnswer(reached, error));
        const headers = {
          authorization,
          accept: 'application/json',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        };
        const agent = method === 'GET' ? reading : changing;
        const sent = request(new URL(path, url), { method, agent, headers, signal }, (answer) => {
          textOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), fail);
        });
        sent.once('socket', (socket) => {
          if (sent.reusedSocket) reached = true;
          else socket.once('secureConnect', () => (reached = true));
        });
        sent.once('error', fail);
        sent.end(body);
      }),
    close() {
      reading.destroy();
      changing.destroy();
    },
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new Error(`the answer has more than ${LARGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
