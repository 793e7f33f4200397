import { machineId, Secret, type ConsoleEndpoint, type Consoles, type MachineId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectError } from '../expect-error.js';
import { GUEST_SAYS } from '../guest/test-guest.js';

/** The facet with members that the case requires. */
const consolesOf = ({ driver }: Bench): Required<Consoles> => driver.consoles as Required<Consoles>;

const readAll = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
};

function checkScreen(endpoint: ConsoleEndpoint): void {
  if (endpoint.protocol === 'mks') {
    assert.ok(URL.canParse(endpoint.url) && endpoint.ticket instanceof Secret);
    return;
  }
  assert.ok(endpoint.host.length > 0, 'the endpoint has no host');
  const ports =
    endpoint.protocol === 'rdp'
      ? [endpoint.port]
      : [endpoint.port, endpoint.tlsPort].filter((port) => port !== undefined);
  assert.ok(
    ports.length > 0 && ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536),
    `its ports are ${ports.join()}`,
  );
  if ('password' in endpoint)
    assert.ok(endpoint.password === undefined || endpoint.password instanceof Secret, 'the password is no Secret');
}

function screenCase(protocol: 'vnc' | 'spice' | 'rdp' | 'mks'): ConformanceCase {
  return {
    id: `consoles/${protocol}-endpoint`,
    title: `A running machine has an endpoint for ${protocol}; a stopped one is MACHINE.WRONG_STATE.`,
    requires: [`consoles.${protocol}`],
    deadlineSeconds: 40,
    async run(bench) {
      const facet = consolesOf(bench);
      const { id } = await bench.runningMachine();
      const endpoint = await facet[protocol](id, bench.call);
      assert.equal(endpoint.protocol, protocol);
      checkScreen(endpoint);
      await bench.driver.power.kill(id, bench.call);
      await expectError(facet[protocol](id, bench.call), 'MACHINE.WRONG_STATE');
    },
  };
}

const firstChunk = async (bench: Bench, id: MachineId): Promise<unknown> => {
  for await (const chunk of consolesOf(bench).log(id, undefined, bench.call)) return chunk;
  return undefined;
};

export const consoles: readonly ConformanceCase[] = [
  {
    id: 'consoles/serial-attaches',
    title: 'What is typed on the serial port reaches the guest, and what it answers comes back.',
    requires: ['consoles.serial'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      await bench.answers(id);
    },
  },
  {
    id: 'consoles/second-attachment-is-in-use',
    title: 'Attaching while another is attached is CONSOLE.IN_USE; taking over ends the other.',
    requires: ['consoles.serial'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const first = await bench.serial(id);
      await expectError(bench.serial(id), 'CONSOLE.IN_USE');
      await bench.serial(id, { takeOver: true });
      await first.lines.end();
    },
  },
  {
    id: 'consoles/close-frees-the-port',
    title: 'A closed console ends its output and lets another attach; closing twice succeeds.',
    requires: ['consoles.serial'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const { console, lines } = await bench.serial(id);
      await console.close();
      await lines.end();
      await console.close();
      const again = await bench.serial(id);
      await again.console.close();
    },
  },
  {
    id: 'consoles/output-ends-with-the-machine',
    title: 'The output of an attached console ends when the machine stops.',
    requires: ['consoles.serial'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const { lines } = await bench.serial(id);
      await bench.driver.power.kill(id, bench.call);
      await lines.end();
    },
  },
  {
    id: 'consoles/serial-needs-a-running-machine',
    title:
      'Attaching to a stopped machine is MACHINE.WRONG_STATE, to one without a port CONSOLE.UNAVAILABLE, to none MACHINE.NOT_FOUND.',
    requires: ['consoles.serial'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.machine();
      await expectError(bench.serial(id), 'MACHINE.WRONG_STATE');
      const mute = await bench.runningMachine({ serialPort: false });
      await expectError(bench.serial(mute.id), 'CONSOLE.UNAVAILABLE');
      await expectError(bench.serial(machineId('no-such-machine-9f2c')), 'MACHINE.NOT_FOUND');
    },
  },
  screenCase('vnc'),
  screenCase('spice'),
  screenCase('rdp'),
  screenCase('mks'),
  {
    id: 'consoles/log-has-output',
    title: 'What the guest printed since it started is in the log, also after the machine stopped.',
    requires: ['consoles.log'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.runningGuest();
      assert.match(await readAll(consolesOf(bench).log(id, undefined, bench.call)), GUEST_SAYS.ready);
      await bench.driver.power.kill(id, bench.call);
      assert.match(await readAll(consolesOf(bench).log(id, undefined, bench.call)), GUEST_SAYS.ready);
    },
  },
  {
    id: 'consoles/log-follows',
    title: 'A followed log shows what is printed later, and ends when it is left.',
    requires: ['consoles.log', 'consoles.serial'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
        says,
      } = await bench.sharedGuest();
      const sofar = says?.seen.length ?? 0;
      const log = bench.log(id);
      await bench.answers(id);
      await log.next('a prompt that is new', (line) => log.seen.length > sofar && /login:/.test(line));
      await log.close();
    },
  },
  {
    id: 'consoles/log-of-unknown-machine-is-not-found',
    title:
      'The log of a machine that is not there is MACHINE.NOT_FOUND; without a serial port it is CONSOLE.UNAVAILABLE.',
    requires: ['consoles.log'],
    deadlineSeconds: 20,
    async run(bench) {
      await expectError(firstChunk(bench, machineId('no-such-machine-9f2c')), 'MACHINE.NOT_FOUND');
      const { id } = await bench.machine({ serialPort: false });
      await expectError(firstChunk(bench, id), 'CONSOLE.UNAVAILABLE');
    },
  },
];
