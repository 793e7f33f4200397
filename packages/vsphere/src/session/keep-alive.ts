/** Touches a session that nobody used for a while, so that the server does not end it. Never keeps the process alive. */
export class KeepAlive {
  private readonly timer: NodeJS.Timeout | undefined;
  private last = performance.now();
  private touching = false;

  constructor(
    private readonly intervalMs: number,
    private readonly touch: () => Promise<void>,
  ) {
    if (intervalMs <= 0) return;
    this.timer = setInterval(() => void this.tick(), intervalMs / 2);
    this.timer.unref();
  }

  used(): void {
    this.last = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    if (this.touching || performance.now() - this.last < this.intervalMs / 2) return;
    this.touching = true;
    // The next call will meet the same problem, and tell its caller.
    await this.touch().catch(() => undefined);
    this.touching = false;
  }
}
