import { startNamespaceHost, type NamespaceHost, type HostOptions } from './namespace-host.js';
import { claimSlot } from './slot.js';

/** A slot with the one script that runs in it: they end together. */
export interface SlotOwner {
  readonly number: number;
  readonly directory: string;
  /** Starts a script of ../host; once. */
  run(script: string, args: readonly string[], options: HostOptions): Promise<NamespaceHost>;
  /** Ends everything inside and removes the directory. May be called twice. */
  stop(): Promise<void>;
}

/** Claims a slot. Whoever has it must stop it. */
export async function ownSlot(): Promise<SlotOwner> {
  const slot = await claimSlot();
  let host: NamespaceHost | undefined;
  let stopped: Promise<void> | undefined;
  return {
    number: slot.number,
    directory: slot.directory,
    async run(script, args, options) {
      host = startNamespaceHost(script, args, options);
      await slot.setHost(host.identity);
      return host;
    },
    stop: () =>
      (stopped ??= (async () => {
        await host?.stop();
        await slot.release();
      })()),
  };
}
