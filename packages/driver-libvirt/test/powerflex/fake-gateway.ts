import { certificateAuthority } from '@virt-drivers/peers';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { answerOf } from './fake-requests.js';
import { FakeSystem, Refusal, type FakeLimits } from './fake-system.js';

/** How a request fails: before anything was done, or `after` it was. */
export type Fault = 'error' | 'proxy-error' | 'forgotten-token' | 'hang' | 'cut' | 'cut-after';

/** A PowerFlex gateway that is none: simulated, but strict about what it is asked. */
export interface FakeGateway {
  readonly url: string;
  readonly caFile: string;
  readonly user: string;
  readonly passwordFile: string;
  readonly system: FakeSystem;
  /** `METHOD path` of each request that was let in, the newest last. */
  readonly requests: string[];
  /** The next request whose `METHOD path` matches fails so. */
  failNext(request: RegExp, fault: Fault): void;
  /** The so manieth request from now fails so, whatever it is; the first is 1, and 0 none. */
  failRequest(number: number, fault: Fault): void;
  /** Forgets every token, as after ten minutes without a call. */
  forgetTokens(): void;
  /** How often somebody logged in. */
  logins(): number;
  stop(): Promise<void>;
}

const USER = 'driver';

/** Starts one on a free port of 127.0.0.1, with a certificate of its own authority; its files are below the directory. */
export async function startFakeGateway(directory: string, limits?: FakeLimits): Promise<FakeGateway> {
  const secrets = join(directory, 'gateway');
  await mkdir(secrets, { recursive: true });
  const authority = await certificateAuthority(secrets);
  const issued = await authority.issue('gateway', 'serverAuth', ['IP:127.0.0.1']);
  const password = randomBytes(12).toString('base64url');
  const passwordFile = join(secrets, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  const system = await FakeSystem.make(directory, limits);
  const tokens = new Set<string>();
  let countdown: { left: number; readonly fault: Fault } | undefined;
  const faults: { readonly request: RegExp; readonly fault: Fault }[] = [];
  const requests: string[] = [];
  let logins = 0;

  const login = (user: string, given: string): string => {
    if (user !== USER || given !== password) throw new Refusal(0, 'Unauthorized', 401);
    logins += 1;
    const token = randomBytes(24).toString('base64url');
    tokens.add(token);
    return token;
  };

  const faultOf = (asked: string): Fault | undefined => {
    if (countdown && (countdown.left -= 1) === 0) {
      const { fault } = countdown;
      countdown = undefined;
      return fault;
    }
    const index = faults.findIndex(({ request }) => request.test(asked));
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };

  const serve = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const given = await bodyOf(request);
    const [user, secret] = accountOf(request);
    if (url === '/api/login') return send(answer, 200, login(user, secret));
    const fault = faultOf(`${method} ${url}`);
    if (fault === 'forgotten-token') tokens.delete(secret);
    if (user !== '' || !tokens.has(secret)) throw new Refusal(0, 'Unauthorized', 401);
    requests.push(`${method} ${url}`);
    if (fault === 'error') throw new Refusal(1, 'The MDM failed');
    if (fault === 'proxy-error') return void answer.writeHead(502).end('<html>Bad gateway</html>');
    if (fault === 'hang') return;
    if (fault === 'cut') return void request.socket.destroy();
    const result = await answerOf(system, method, url, given);
    if (fault === 'cut-after') return void request.socket.destroy();
    send(answer, 200, result);
  };

  const tls = { key: await readFile(issued.key), cert: await readFile(issued.certificate) };
  const server = createServer(tls, (request, answer) => {
    serve(request, answer).catch((error: unknown) => {
      const { status, message, errorCode } =
        error instanceof Refusal ? error : new Refusal(0, `The fake failed: ${String(error)}`, 599);
      send(answer, status, { message, httpStatusCode: status, errorCode });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    caFile: authority.certificate,
    user: USER,
    passwordFile,
    system,
    requests,
    failNext: (request, fault) => void faults.push({ request, fault }),
    failRequest: (left, fault) => void (countdown = { left, fault }),
    forgetTokens: () => tokens.clear(),
    logins: () => logins,
    async stop() {
      system.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function send(answer: ServerResponse, status: number, content: unknown): void {
  answer.writeHead(status, { 'content-type': 'application/json;charset=utf-8' });
  answer.end(content === undefined ? '' : JSON.stringify(content));
}

function accountOf({ headers }: IncomingMessage): readonly [string, string] {
  const [, encoded] = /^Basic (\S+)$/.exec(headers.authorization ?? '') ?? [];
  if (encoded === undefined) throw new Refusal(0, 'Unauthorized', 401);
  const [, user = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return [user, secret];
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  if (request.method === 'GET') {
    if (text !== '') throw new Refusal(0, 'A GET has no body', 400);
    return undefined;
  }
  if (request.headers['content-type'] !== 'application/json') throw new Refusal(0, 'Unsupported Media Type', 415);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(0, 'Request message is not valid JSON', 400);
  }
}
