import type { CallOptions } from '../call-options.js';
import type { StreamedList } from '../codec/answer-decoder.js';
import { isVsphereError, VsphereError } from '../errors/vsphere-error.js';
import { isFault } from '../errors/vsphere-fault.js';
import type { Reference } from '../schema/reference.js';
import type { Method } from '../schema/schema.js';
import type { SoapCall, SoapCaller } from '../soap/soap-caller.js';
import { startLimit, withLimit } from '../wait-limit.js';
import { sessionId } from './cookie.js';
import type { Credentials } from './credentials.js';
import { KeepAlive } from './keep-alive.js';
import { logIn, logOutQuietly, shippedMethod, type LoggedIn } from './login.js';
import { isReplaySafe } from './replay.js';

export interface SessionOptions {
  readonly credentials: Credentials;
  readonly locale: string;
  readonly callTimeoutMs: number;
  readonly keepAliveMs: number;
}

/** One session of a server, shared by all calls: logged in once, again when it expired, and always logged out. */
export class Session {
  private current: LoggedIn;
  private renewal: Promise<LoggedIn> | undefined;
  private closing: Promise<void> | undefined;
  private readonly keepAlive: KeepAlive;

  private constructor(
    private readonly caller: SoapCaller,
    private readonly options: SessionOptions,
    first: LoggedIn,
  ) {
    this.current = first;
    this.keepAlive = new KeepAlive(options.keepAliveMs, () => this.touch());
  }

  static async open(caller: SoapCaller, options: SessionOptions, call: CallOptions): Promise<Session> {
    const first = await withLimit('The login', call, options.callTimeoutMs, (signal) =>
      logIn(caller, options.credentials, options.locale, signal),
    );
    return new Session(caller, options, first);
  }

  get content() {
    return this.current.content;
  }

  /** The cookie that also opens datastore files of this server. A secret. */
  get cookie(): string {
    return this.current.cookie;
  }

  /** Which login calls run on: it changes when the session was renewed, and what belonged to the old one is gone. */
  get generation(): object {
    return this.current;
  }

  /** A call and its whole answer. */
  call(method: Method, target: Reference, parameters: object, options: CallOptions): Promise<unknown> {
    return withLimit(method.name, options, this.options.callTimeoutMs, (signal) =>
      this.attempt(method, async (again) => {
        const call = { ...this.soap(method, target, parameters, signal), again };
        return (await this.caller.call(call)).result;
      }),
    );
  }

  /** A call whose result has a list that is given some elements at a time, as they arrive; the rest is returned. */
  async *stream(
    method: Method,
    target: Reference,
    parameters: object,
    list: StreamedList,
    options: CallOptions,
  ): AsyncGenerator<readonly unknown[], unknown, undefined> {
    const limit = startLimit(method.name, options, this.options.callTimeoutMs);
    try {
      limit.signal.throwIfAborted();
      const open = async (again: boolean) => {
        const call = { ...this.soap(method, target, parameters, limit.signal), again };
        const answer = this.caller.stream(call, list);
        return { answer, first: await answer.next() };
      };
      const { answer, first } = await this.attempt(method, open);
      try {
        if (first.done) return first.value;
        yield first.value;
        return yield* answer;
      } finally {
        await answer.return(undefined);
      }
    } finally {
      limit.end();
    }
  }

  /** Logs out and ends the keep-alive; calls after it are refused. Never rejects because of the server. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  /** Replaces a session that the server does not know any more; callers that notice it together share one login. */
  async renew(lost: object, options: CallOptions): Promise<void> {
    if (this.current !== lost || this.closing) return;
    this.renewal ??= this.login(options).finally(() => (this.renewal = undefined));
    await this.renewal;
  }

  private async login(options: CallOptions): Promise<LoggedIn> {
    const { credentials, locale, callTimeoutMs } = this.options;
    // Not under the signal of the call that noticed it: others wait for the same login.
    const { deadline } = options;
    const made = await withLimit('The renewed login', { deadline }, callTimeoutMs, (signal) =>
      logIn(this.caller, credentials, locale, signal),
    );
    this.current = made;
    return made;
  }

  /** Repeats a call that the server refused for want of a session, and a reading one whose connection was lost. */
  private async attempt<T>(method: Method, work: (again: boolean) => Promise<T>): Promise<T> {
    for (let attempts = 0; ; attempts++) {
      this.refuseWhenClosed(method);
      const used = this.current;
      try {
        const result = await work(attempts > 0);
        this.keepAlive.used();
        return result;
      } catch (error) {
        if (attempts >= 2 || this.closing) throw error;
        if (isFault(error, 'NotAuthenticated')) await this.renew(used, {});
        else if (!isLostRead(method, error) || attempts > 0) throw error;
      }
    }
  }

  private refuseWhenClosed(method: Method): void {
    if (this.closing) throw new VsphereError('CLOSED', `${method.name} was called on a closed client.`);
  }

  private soap(method: Method, target: Reference, parameters: object, signal: AbortSignal): SoapCall {
    const { cookie } = this.current;
    // PBM knows the session by this header only; simulators look at the cookie.
    const header = method.service === 'pbm' ? `<vcSessionCookie>${escapeId(cookie)}</vcSessionCookie>` : undefined;
    return { method, target, parameters, cookie, header, signal };
  }

  private async touch(): Promise<void> {
    const target: Reference = { type: 'ServiceInstance', value: 'ServiceInstance' };
    await this.call(shippedMethod('CurrentTime'), target, {}, {});
  }

  private async end(): Promise<void> {
    this.keepAlive.stop();
    const session = (await this.renewal?.catch(() => undefined)) ?? this.current;
    await logOutQuietly(this.caller, session);
  }
}

function escapeId(cookie: string): string {
  return sessionId(cookie).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function isLostRead(method: Method, error: unknown): boolean {
  return isVsphereError(error) && error.code === 'CONNECTION_LOST' && isReplaySafe(method.name);
}
