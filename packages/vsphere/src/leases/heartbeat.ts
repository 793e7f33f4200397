import { VsphereError } from '../errors/vsphere-error.js';
import { isConnectionProblem } from '../collector/lost.js';

const LONGEST_S = 60;

/** Tells the server again and again that a lease is still used. A server that does not hear it ends the lease. */
export class Heartbeat {
  private readonly ended = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private percent = 0;
  private beating = false;
  private failures = 0;

  /** `timeout` in seconds is what the server allows between two beats. */
  constructor(
    timeout: number,
    private readonly beat: (percent: number) => Promise<unknown>,
  ) {
    const seconds = Math.max(Math.min(timeout / 4, LONGEST_S), 0.2);
    this.timer = setInterval(() => void this.tick(), seconds * 1_000);
    this.timer.unref();
  }

  /** Fires when the lease is over because of the server. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  report(percent: number): void {
    // The server wants whole percents, and 100 is for the one who completes.
    this.percent = Math.max(0, Math.min(99, Math.floor(percent)));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    if (this.beating) return;
    this.beating = true;
    try {
      await this.beat(this.percent);
      this.failures = 0;
    } catch (error) {
      // Three beats fit into the time that the server allows.
      if (!isConnectionProblem(error) || ++this.failures >= 3) this.end(error);
    } finally {
      this.beating = false;
    }
  }

  private end(cause: unknown): void {
    this.stop();
    this.ended.abort(new VsphereError('TRANSFER_INCOMPLETE', 'The server ended the lease.', { sent: true, cause }));
  }
}
