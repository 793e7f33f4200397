import { gibibytes, mebibytes } from '@virt-drivers/core';
import { parseSize } from './parse-size.js';

describe('parseSize', () => {
  it.each([
    ['512M', mebibytes(512)],
    ['10G', gibibytes(10)],
    ['10GiB', gibibytes(10)],
    ['10 gb', gibibytes(10)],
    ['1048576', mebibytes(1)],
  ])('reads %s', (text, size) => expect(parseSize(text)).toBe(size));

  it.each(['', 'big', '1.5G', '-1G', '10X', '1e9'])('refuses "%s"', (text) => {
    expect(() => parseSize(text)).toThrow(/for example 10G/);
  });
});
