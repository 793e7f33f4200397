import { expect, test } from '@jest/globals';
import { checkTicket, makeTicket, readDescription, readTicket } from './ticket.js';

const made = makeTicket('web', { endpoint: 'vc-1', machine: 'm-1', host: 'host-9' });

test('a ticket is what it was after JSON', () => {
  const { expiresAt, ...plain } = made;
  expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
  expect(readTicket(made, 'vc-1', 'm-1').host).toBe('host-9');
  expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
});

test.each([
  ['has expired', { ...made, expiresAt: new Date(0) }, 'vc-1', 'm-1'],
  ['another vCenter', made, 'vc-2', 'm-1'],
  ['for machine m-1', made, 'vc-1', 'm-2'],
  ['driver-other', { ...made, driver: '@virt-drivers/driver-other' }, 'vc-1', 'm-1'],
  ['is damaged', { ...made, detail: { endpoint: 1 } }, 'vc-1', 'm-1'],
])('a ticket that %s is refused', (says, ticket, endpoint, machine) => {
  expect(() => readTicket(ticket, endpoint, machine)).toThrow(
    expect.objectContaining({ code: 'MIGRATION.TICKET_INVALID', message: expect.stringContaining(says) }),
  );
});

test('one that has expired can still be given back', () => {
  expect(checkTicket({ ...made, expiresAt: new Date(0) }).machine).toBe('m-1');
});

test('a description of another driver is refused', () => {
  expect(() => readDescription({ uuid: 'x' })).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
});
