import type { CallOptions, MachineId, OpenDriver, SerialConsole } from '@virt-drivers/core';
import type { Ledger } from './ledger.js';
import { linesOf } from './lines.js';
import { tailOf, type Tail } from './tail.js';

/** What a machine prints on its first serial port. */
export interface Hearing {
  /** Lines of the log, from the oldest kept. Needs `consoles.log`. */
  log(id: MachineId): Tail<string>;
  /** Attaches and reads lines. Needs `consoles.serial`. */
  serial(
    id: MachineId,
    request?: { readonly takeOver?: boolean },
  ): Promise<{ readonly console: SerialConsole; readonly lines: Tail<string> }>;
  /**
   * Types on the serial port until the guest answers: it is up, and neither halted nor starting. Needs `consoles.serial`.
   */
  answers(id: MachineId): Promise<void>;
  /** Lines by whichever way the endpoint has; undefined where it has none. */
  listen(id: MachineId): Promise<Tail<string> | undefined>;
}

const ENTER = new TextEncoder().encode('\r');
// What is typed before the login program opens the port is lost, and nothing tells when it does.
const TYPING_MILLISECONDS = 500;

const show = (line: string): string => JSON.stringify(line.slice(0, 120));

/** Ears for one case. */
export function createHearing(
  driver: OpenDriver,
  ledger: Ledger,
  call: CallOptions & { readonly signal: AbortSignal },
): Hearing {
  const lines = (chunks: AsyncIterable<Uint8Array>, stop: () => void | Promise<void>): Tail<string> => {
    const tail = tailOf({ items: linesOf(chunks), signal: call.signal, show, stop });
    ledger.action('console', () => tail.close());
    return tail;
  };
  const log: Hearing['log'] = (id) => {
    if (!driver.consoles?.log) throw new Error('The case reads the log but does not require consoles.log.');
    const stop = new AbortController();
    const signal = AbortSignal.any([call.signal, stop.signal]);
    return lines(driver.consoles.log(id, { follow: true }, { signal }), () => stop.abort());
  };
  const serial: Hearing['serial'] = async (id, request) => {
    if (!driver.consoles?.serial) throw new Error('The case attaches a console but does not require consoles.serial.');
    const console = await driver.consoles.serial(id, request, call);
    return { console, lines: lines(console.output, () => console.close()) };
  };
  const answers: Hearing['answers'] = async (id) => {
    const { console, lines: heard } = await serial(id, { takeOver: true });
    const type = (): void => void console.write(ENTER).catch(() => undefined);
    const typing = setInterval(type, TYPING_MILLISECONDS);
    try {
      type();
      await heard.next('the guest to ask who it is', (line) => /login:/.test(line));
    } finally {
      clearInterval(typing);
      await heard.close();
    }
  };
  return {
    log,
    serial,
    answers,
    async listen(id) {
      if (driver.consoles?.log) return log(id);
      return driver.consoles?.serial ? (await serial(id)).lines : undefined;
    },
  };
}
