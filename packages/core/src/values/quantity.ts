declare const unit: unique symbol;

/** A whole number that carries its unit in the type. Exact at any magnitude, so never a `number`. */
export type Quantity<Unit extends string> = bigint & { readonly [unit]: Unit };

/** Amount of storage or memory, in bytes. */
export type Bytes = Quantity<'byte'>;

/** Data rate, in bits per second. */
export type BitsPerSecond = Quantity<'bit/s'>;

/** Operations per second, for example of a disk. */
export type OperationsPerSecond = Quantity<'op/s'>;

/** Clock rate, in hertz. */
export type Hertz = Quantity<'Hz'>;

/** Length of time, in nanoseconds. */
export type Nanoseconds = Quantity<'ns'>;

function quantity<Q extends Quantity<string>>(name: string, value: bigint | number): Q {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${name} must be a whole number up to 2^53, or a bigint; got ${value}.`);
  }
  if (value < 0) throw new RangeError(`${name} must not be negative; got ${value}.`);
  // The brand exists only in the type system; this is the one place that puts it on.
  return BigInt(value) as Q;
}

/** Makes {@link Bytes} from a whole number of bytes. Throws `RangeError` when negative, fractional or unsafe. */
export const bytes = (value: bigint | number): Bytes => quantity<Bytes>('Bytes', value);

/** Makes {@link Bytes} from KiB (1,024 bytes). */
export const kibibytes = (value: bigint | number): Bytes => bytes(bytes(value) * 1024n);

/** Makes {@link Bytes} from MiB (1,048,576 bytes). */
export const mebibytes = (value: bigint | number): Bytes => bytes(bytes(value) * 1_048_576n);

/** Makes {@link Bytes} from GiB (1,073,741,824 bytes). */
export const gibibytes = (value: bigint | number): Bytes => bytes(bytes(value) * 1_073_741_824n);

/** Makes {@link BitsPerSecond}. */
export const bitsPerSecond = (value: bigint | number): BitsPerSecond =>
  quantity<BitsPerSecond>('Bits per second', value);

/** Makes {@link OperationsPerSecond}. */
export const operationsPerSecond = (value: bigint | number): OperationsPerSecond =>
  quantity<OperationsPerSecond>('Operations per second', value);

/** Makes {@link Hertz}. */
export const hertz = (value: bigint | number): Hertz => quantity<Hertz>('Hertz', value);

/** Makes {@link Nanoseconds}. */
export const nanoseconds = (value: bigint | number): Nanoseconds => quantity<Nanoseconds>('Nanoseconds', value);
