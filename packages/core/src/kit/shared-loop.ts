/** Work that goes on in the background for as long as somebody needs it. */
export interface SharedLoop {
  /** Starts the loop for the first member; `failed` rejects when the loop does. Every member must leave. */
  join(): { readonly failed: Promise<never>; leave(): void };
}

/** Makes a loop that starts with its first member and is aborted when the last one leaves. */
export function createSharedLoop(run: (signal: AbortSignal) => Promise<void>): SharedLoop {
  interface Running {
    readonly controller: AbortController;
    readonly failed: Promise<never>;
    members: number;
  }
  let current: Running | undefined;

  const start = (): Running => {
    const controller = new AbortController();
    const forget = (): void => {
      if (current?.controller === controller) current = undefined;
    };
    const failed = new Promise<never>((_, reject) => {
      run(controller.signal).then(forget, (error: unknown) => {
        forget();
        reject(error);
      });
    });
    // Members that have left already are not interested.
    failed.catch(() => undefined);
    return { controller, failed, members: 0 };
  };

  return {
    join() {
      const mine = (current ??= start());
      mine.members += 1;
      let here = true;
      return {
        failed: mine.failed,
        leave() {
          if (!here) return;
          here = false;
          mine.members -= 1;
          if (mine.members > 0) return;
          if (current === mine) current = undefined;
          mine.controller.abort();
        },
      };
    },
  };
}
