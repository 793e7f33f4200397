import { expect, it } from '@jest/globals';
import { scramSha256 } from './scram.js';

// The exchange that RFC 7677 section 3 prints.
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_FIRST = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
const PROOF = 'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
const mechanism = () => scramSha256({ username: 'user', password: 'pencil' }, NONCE);
const say = async (one: ReturnType<typeof mechanism>, text: string): Promise<string> =>
  (await one.respond(Buffer.from(text))).toString();

it('computes the proof of RFC 7677 and knows the daemon by its own', async () => {
  const one = mechanism();
  expect(one.initial?.toString()).toBe(`n,,n=user,r=${NONCE}`);
  expect(await say(one, SERVER_FIRST)).toBe(`c=biws,${SERVER_FIRST.split(',')[0]},${PROOF}`);
  expect(one.satisfied()).toBe(false);
  expect(await say(one, 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe('');
  expect(one.satisfied()).toBe(true);
});

it.each([
  ['another nonce', SERVER_FIRST.replace('rOpr', 'xxxx')],
  ['our nonce alone', `r=${NONCE},s=W22Z,i=4096`],
  ['too few iterations', SERVER_FIRST.replace('4096', '1')],
  ['endless iterations', SERVER_FIRST.replace('4096', '4000000000')],
  ['no iterations', SERVER_FIRST.replace('i=4096', '')],
])('refuses a daemon with %s', async (_, text) => {
  await expect(say(mechanism(), text)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
});

it.each(['v=AAAA', 'v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', 'e=invalid-proof', ''])(
  'refuses the last word %j',
  async (text) => {
    const one = mechanism();
    await say(one, SERVER_FIRST);
    await expect(say(one, text)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(one.satisfied()).toBe(false);
  },
);

it('escapes the separators in a name', () => {
  expect(scramSha256({ username: 'a,b=c', password: '' }, 'n').initial?.toString()).toBe('n,,n=a=2Cb=3Dc,r=n');
});
