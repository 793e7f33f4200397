import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnection, type ConnectOptions } from '../src/index.js';
import { message, scriptedDaemon, words, type ReceivedCall, type ScriptedDaemon } from './scripted-daemon.js';

const [AUTH_LIST, SASL_INIT, SASL_START, POLKIT] = [66, 67, 68, 70];
const text = (value: string): Buffer =>
  Buffer.concat([words(value.length), Buffer.from(value), Buffer.alloc(-value.length & 3)]);
let daemon: ScriptedDaemon;
afterEach(() => daemon.close());

/** A daemon that offers these logins and mechanisms, and is content with the first message; tells what it was sent. */
async function offering(kinds: number[], mechanisms: string): Promise<ReceivedCall[]> {
  const seen: ReceivedCall[] = [];
  const answers = new Map([
    [AUTH_LIST, words(kinds.length, ...kinds)],
    [SASL_INIT, text(mechanisms)],
    [SASL_START, words(1, 0, 0)],
    [POLKIT, words(1)],
  ]);
  daemon = await scriptedDaemon((call, socket) => {
    seen.push(call);
    socket.write(message({ ...call, type: 1, body: answers.get(call.procedure) ?? Buffer.alloc(0) }));
  }, AUTH_LIST);
  return seen;
}

const open = async (parameters: string, options: ConnectOptions = {}): Promise<void> =>
  (await openConnection(`${daemon.uri}${parameters}`, options)).close();
const credentials = { username: 'fred', password: 'secret' };
const sent = (calls: ReceivedCall[]): string =>
  calls.find((call) => call.procedure === SASL_START)?.body.toString('latin1') ?? '';

describe('EXTERNAL', () => {
  it('sends an empty identity, for the transport has proven it', async () => {
    const seen = await offering([1], 'PLAIN,EXTERNAL');
    await open('');
    expect(seen.find((call) => call.procedure === SASL_START)?.body).toEqual(
      Buffer.concat([text('EXTERNAL'), words(0, 0)]),
    );
  });
});

describe('PLAIN', () => {
  it('sends the login where nobody can listen', async () => {
    const seen = await offering([1], 'PLAIN');
    await open('', { credentials });
    expect(sent(seen)).toContain('PLAIN');
  });

  it('is what the URI can ask for', async () => {
    const seen = await offering([1], 'SCRAM-SHA-256,PLAIN,EXTERNAL');
    await open('&auth=sasl.PLAIN', { credentials });
    expect(sent(seen)).toContain('PLAIN');
  });
});

describe('what the URI asks for and the daemon does not offer', () => {
  it.each([
    ['&auth=polkit', [1]],
    ['&auth=sasl', [2]],
    ['&auth=sasl.EXTERNAL', [1]],
    ['&auth=sasl', [0]],
  ])('%s is refused', async (parameters, kinds) => {
    const seen = await offering(kinds, 'PLAIN');
    await expect(open(parameters, { credentials })).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' });
    expect(sent(seen)).toBe('');
  });
});

describe('logins', () => {
  it('of polkit carry no secret', async () => {
    const seen = await offering([2], '');
    await open('', { credentials });
    expect(seen.find((call) => call.procedure === POLKIT)?.body).toHaveLength(0);
  });

  it('come from auth.conf when the program gives none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'auth-conf-'));
    const file = join(directory, 'auth.conf');
    await writeFile(file, '[credentials-here]\nauthname=eve\npassword=p\n[auth-libvirt-localhost]\ncredentials=here\n');
    const seen = await offering([1], 'PLAIN');
    await open(`&authfile=${file}`);
    expect(sent(seen).replaceAll('\0', '')).toContain('evep');
    await rm(directory, { recursive: true });
  });
});
