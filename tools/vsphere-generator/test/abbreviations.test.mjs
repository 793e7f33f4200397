import { abbreviate, frequentParts } from '../src/abbreviations.mjs';

const ROWS = [
  'HostEvent;Event;host:@HostSystem?',
  'VmEvent;Event;vm:@VirtualMachine',
  'VirtualSCSIController;VirtualController',
];

test('parts that come often are two characters, in alphabetical order; others stay as they are', () => {
  const parts = frequentParts(ROWS);
  expect(parts.slice(0, 3)).toEqual(['Controller', 'Event', 'Host']);
  expect(abbreviate(['Controller', 'Event', 'Virtual'], ROWS)).toEqual([
    'Host!1;!1;host:@HostSystem?',
    'Vm!1;!1;vm:@!2Machine',
    '!2SCSI!0;!2!0',
  ]);
});

test('the place of a part is written by a lead and a digit of base 36', () => {
  const parts = Array.from(
    { length: 40 },
    (_, place) => `Part${String.fromCharCode(97 + (place % 26)).repeat(1 + Math.floor(place / 26))}`,
  );
  expect(abbreviate([...parts.slice(0, 36), 'Machine'], ['VirtualMachine;'])).toEqual(['Virtual#0;']);
});

test('a name that could be read as an abbreviation is refused', () => {
  expect(() => abbreviate([], ['Host#1;'])).toThrow('cannot be in a name');
});
