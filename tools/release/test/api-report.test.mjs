import { compareReports } from '../src/api-report.mjs';

const report = (...declarations) =>
  `## API Report\n\n\`\`\`ts\n\n${declarations.join('\n\n')}\n\n// (No @packageDocumentation comment)\n\n\`\`\`\n`;
const machine = 'export interface Machine {\n    readonly id: string;\n}';
const open = 'export function open(uri: string): Machine;';
const before = report("import { z } from 'z';", machine, open);

describe('a change of an API report', () => {
  it.each([
    ['the same text', before],
    ['another import', report("import { y } from 'y';", machine, open)],
    ['another order', report(open, machine)],
    ['another comment', report(`// @public\n${machine}`, open)],
  ])('is none for %s', (_, after) => {
    expect(compareReports(before, after)).toEqual({ change: 'none', names: [] });
  });

  it.each([
    ['a new declaration', report(machine, open, 'export type Extra = string;'), 'Extra'],
    ['an optional member', report(machine.replace('}', '    readonly name?: string;\n}'), open), 'Machine'],
    ['an overload', report(machine, open, 'export function open(uri: URL): Machine;'), 'open'],
  ])('is an addition for %s', (_, after, name) => {
    expect(compareReports(before, after)).toEqual({ change: 'additions', names: [name] });
  });

  it.each([
    ['a removed declaration', report(machine), 'open'],
    ['a required member', report(machine.replace('}', '    readonly name: string;\n}'), open), 'Machine'],
    ['a member of another type', report(machine.replace('string', 'number'), open), 'Machine'],
    ['a removed member', report('export interface Machine {\n}', open), 'Machine'],
    ['a base it did not have', report(machine.replace('Machine', 'Machine extends Other'), open), 'Machine'],
    ['another parameter', report(machine, open.replace('uri: string', 'uri: string, port: number')), 'open'],
    ['no report any more', '', 'Machine'],
  ])('is a break for %s', (_, after, name) => {
    const result = compareReports(before, after);
    expect(result.change).toBe('breaking');
    expect(result.names).toContain(name);
  });

  it('sees the difference between a method that a class gets and one that others must implement', () => {
    const shape = (kind, body) => report(`export ${kind} {\n    a(): void;\n${body}}`);
    const change = (kind, body) => compareReports(shape(kind, ''), shape(kind, body)).change;
    expect(change('class Box', '    b(): void;\n')).toBe('additions');
    expect(change('class Box', '    constructor(size: number);\n')).toBe('breaking');
    expect(change('interface Box', '    b(): void;\n')).toBe('breaking');
    expect(change('interface Box', '    b?(): void;\n')).toBe('additions');
  });

  describe('with one more variant', () => {
    const place = (...kinds) => `export type Place = ${kinds.map((kind) => `{\n    kind: '${kind}';\n}`).join(' | ')};`;
    const change = (...users) =>
      compareReports(report(...users, place('a', 'b')), report(...users, place('a', 'b', 'c'))).change;

    it.each([
      ['an interface that others implement', 'export interface Door {\n    open(place: Place): void;\n}'],
      ['one that may be absent there', 'export interface Door {\n    open?(place: Place): void;\n}'],
      ['a function that a value has', 'export interface Door {\n    readonly open: (place: Place) => void;\n}'],
      ['a type with such a method', 'export type Door = {\n    open(place: Place): void;\n};'],
      ['a function that we are given', 'export function watch(each: (place: Place) => void): void;'],
      ['a list in a request', 'export interface Door {\n    open(places: readonly Place[]): void;\n}'],
      ['a value of a base', 'export interface Door {\n    open(wish: Base<Place>): void;\n}'],
    ])('is a break where it is handed to %s', (_, user) => {
      expect(change(user)).toBe('breaking');
    });

    it('is a break where it is handed on as part of something', () => {
      const door = 'export interface Door {\n    open(wish: Wish): void;\n}';
      const wish = 'export interface Wish extends Older {\n    readonly at: 1;\n}';
      expect(change(door, wish, 'export interface Older {\n    readonly place?: Place;\n}')).toBe('breaking');
      expect(change(wish, 'export interface Older {\n    readonly place?: Place;\n}')).toBe('additions');
    });

    it.each([
      ['our function', 'export function open(place: Place): void;'],
      ['our function in a constant', 'export const open: (place: Place) => void;'],
      ['our class', 'export class Door {\n    open(place: Place): void;\n}'],
    ])('is an addition where %s takes it', (_, user) => {
      expect(change(user)).toBe('additions');
    });

    it('is an addition where it is only answered', () => {
      expect(change('export interface Door {\n    where(of: string): Promise<Place>;\n}')).toBe('additions');
    });

    it('is judged in a member as in a type of its own', () => {
      const box = (...kinds) =>
        `export interface Box {\n    readonly place: ${kinds.map((kind) => `{\n        kind: '${kind}';\n    }`).join(' | ')};\n}`;
      const user = (text) => `export interface Door {\n    ${text}\n}`;
      const changeOf = (text) =>
        compareReports(report(user(text), box('a', 'b')), report(user(text), box('a', 'b', 'c'))).change;
      expect(changeOf('put(box: Box): void;')).toBe('breaking');
      expect(changeOf('get(): Box;')).toBe('additions');
    });
  });

  it.each([
    ['a name in a vocabulary', "export type Key = 'a';", "export type Key = 'a' | 'b';", 'additions'],
    [
      'a name in a member',
      "export interface Keys {\n    x: 'a';\n}",
      "export interface Keys {\n    x: 'a' | 'b';\n}",
      'additions',
    ],
    ['a name that is gone', "export type Key = 'a' | 'b';", "export type Key = 'a';", 'breaking'],
    [
      'an optional member in one of several shapes',
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n    y?: string;\n} | {\n    x: 'b';\n};",
      'additions',
    ],
    [
      'an optional member of what is in one of several shapes',
      "export type A = {\n    x: 'a';\n    in?: {\n        y: 1;\n    };\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n    in?: {\n        y: 1;\n        z?: 1;\n    };\n} | {\n    x: 'b';\n};",
      'additions',
    ],
    [
      'a member that what is in one of several shapes must have',
      "export type A = {\n    x: 'a';\n    in?: {\n        y: 1;\n    };\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n    in?: {\n        y: 1;\n        z: 1;\n    };\n} | {\n    x: 'b';\n};",
      'breaking',
    ],
    [
      'what is in one of several shapes and may no longer be absent',
      "export type A = {\n    x: 'a';\n    in?: {\n        y: 1;\n    };\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n    in: {\n        y: 1;\n        z?: 1;\n    };\n} | {\n    x: 'b';\n};",
      'breaking',
    ],
    [
      'a driver that claims more',
      'export const driver: Driver<{\n    readonly can: {\n        readonly a: true;\n    };\n}>;',
      'export const driver: Driver<{\n    readonly can: {\n        readonly a: true;\n        readonly b: true;\n    };\n}>;',
      'additions',
    ],
    [
      'a driver that claims less',
      'export const driver: Driver<{\n    readonly can: {\n        readonly a: true;\n        readonly b: true;\n    };\n}>;',
      'export const driver: Driver<{\n    readonly can: {\n        readonly b: true;\n    };\n}>;',
      'breaking',
    ],
    [
      'a value of another type with the same argument',
      'export const driver: Driver<{\n    readonly a: true;\n}>;',
      'export const driver: Other<{\n    readonly a: true;\n}>;',
      'breaking',
    ],
    [
      'one more of several shapes that a name tells apart',
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n} | {\n    x: 'c';\n    y: string;\n};",
      'additions',
    ],
    [
      'one more shape with a name that another has',
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n} | {\n    x: 'b';\n    y: string;\n};",
      'breaking',
    ],
    [
      'one more shape that nothing tells apart',
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n} | {\n    x: string;\n};",
      'breaking',
    ],
    [
      'a member that one of several shapes must have',
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n};",
      "export type A = {\n    x: 'a';\n    y: string;\n} | {\n    x: 'b';\n};",
      'breaking',
    ],
    [
      'another shape',
      "export type A = {\n    x: 'a';\n};",
      "export type A = {\n    x: 'a';\n} | {\n    x: 'b';\n};",
      'breaking',
    ],
    ['another type', 'export type Key = string;', 'export type Key = string | number;', 'breaking'],
    ['a name where any text was', 'export type Key = string;', "export type Key = 'a';", 'breaking'],
    [
      'more in a value',
      'export const all: {\n    a: {};\n};',
      'export const all: {\n    a: {\n        b: 1;\n    };\n};',
      'additions',
    ],
    ['less in a value', 'export const all: {\n    a: 1;\n};', 'export const all: {};', 'breaking'],
    [
      'a longer list in a value',
      "export const all: readonly ['a'];",
      "export const all: readonly ['a', 'b'];",
      'breaking',
    ],
    [
      'a member that may be absent now',
      'export interface A {\n    x: 1;\n}',
      'export interface A {\n    x?: 1;\n}',
      'breaking',
    ],
  ])('is told for %s', (_, old, now, change) => {
    expect(compareReports(report(old), report(now)).change).toBe(change);
  });
});
