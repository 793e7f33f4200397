import {
  DriverError,
  Secret,
  type CallOptions,
  type ConsoleEndpoint,
  type Consoles,
  type MachineId,
  type SerialConsole,
} from '@virt-drivers/core';
import { DomainConsoleFlags, DomainXmlFlags, domainOpenConsole, type Connection } from '@virt-drivers/libvirt';
import type { Duplex } from 'node:stream';
import { chunksOf } from './chunks.js';
import { readConsoleLog } from './console-reading.js';
import { readScreen, type NativeScreen } from './convert/graphics-xml.js';
import { child, type Element } from './convert/xml.js';
import { aboutMachine, domainOf } from './domains.js';
import { toDriverError, type About } from './errors.js';
import type { LibvirtSession } from './session.js';

type Screen<P extends 'vnc' | 'spice'> = ConsoleEndpoint & { readonly protocol: P };
type LibvirtConsoles = Required<Pick<Consoles, 'serial' | 'vnc' | 'spice' | 'log'>>;

const aboutConsole = (id: string): About => ({
  ...aboutMachine(id),
  means: {
    OPERATION_FAILED: {
      code: 'CONSOLE.IN_USE',
      says: 'has a console that somebody else is attached to; take it over, or wait',
    },
  },
});

/** Serial ports, screens and the log of libvirt domains. */
export function createConsoles(session: LibvirtSession): LibvirtConsoles {
  const { domains, daemon } = session;

  /** The document of a machine that runs, with its passwords. */
  const running = async (id: MachineId, options: CallOptions): Promise<Element> => {
    const { state } = (await domains.view(id, options)).machine;
    if (state !== 'running' && state !== 'paused') {
      throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}; it has a console while it runs.`, {
        subject: id,
      });
    }
    return domains.document(domainOf(id), options, DomainXmlFlags.Secure);
  };

  const screen = async <P extends 'vnc' | 'spice'>(
    id: MachineId,
    protocol: P,
    options: CallOptions,
  ): Promise<Screen<P>> => {
    const document = await running(id, options);
    const native = readScreen(document, protocol);
    if (!native) throw unavailable(id, `no ${protocol} screen; it was made without one`);
    return { protocol, ...endpointOf(native, session.endpoint.hostName) };
  };

  return {
    async serial(id, { takeOver = false } = {}, options = {}) {
      const document = await running(id, options);
      if (!child(document, 'devices/serial') && !child(document, 'devices/console'))
        throw unavailable(id, 'no serial port');
      const connection = await daemon.dedicated(options);
      try {
        const flags = takeOver ? DomainConsoleFlags.Force : 0;
        return attached(connection, await domainOpenConsole(connection, domainOf(id), undefined, flags, options));
      } catch (error) {
        await connection.close();
        throw toDriverError(error, aboutConsole(id));
      }
    },
    vnc: (id, options = {}) => screen(id, 'vnc', options),
    spice: (id, options = {}) => screen(id, 'spice', options),
    log: (id, { follow = false } = {}, options = {}) => readConsoleLog(session, id, follow, options),
  };
}

const unavailable = (id: string, what: string): DriverError =>
  new DriverError('CONSOLE.UNAVAILABLE', `Machine ${id} has ${what}.`, { subject: id });

function attached(connection: Connection, stream: Duplex): SerialConsole {
  // What ends a console early (take-over, the machine's end) ends its output; nobody waits for the error as such.
  stream.on('error', () => undefined);
  return {
    output: outputOf(stream),
    write: (data) =>
      new Promise((resolve, reject) => void stream.write(data, (error) => (error ? reject(lost(error)) : resolve()))),
    async close() {
      stream.destroy();
      await connection.close();
    },
  };
}

const lost = (cause: unknown): DriverError =>
  new DriverError(
    'CONSOLE.UNAVAILABLE',
    'Console has ended: the machine stopped, or somebody took it over. Attach again.',
    { cause },
  );

async function* outputOf(stream: Duplex): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(stream);
  } catch {
    // The end of the machine, or of the attachment.
  }
}

function endpointOf(
  { listen, port, tlsPort, password, validTo }: NativeScreen,
  hostName: string,
): Omit<Screen<'vnc' | 'spice'>, 'protocol'> {
  return {
    // Listening on all addresses, it is reached by the host's name.
    host: ['0.0.0.0', '::'].includes(listen) ? hostName : listen,
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
    ...(password === undefined ? {} : { password: new Secret(password) }),
    ...(validTo && { expiresAt: validTo }),
  };
}
