import * as v from 'valibot';
import type { Json } from '../values/json.js';

/** One schema per member of `T`: a member that is missing here, or too much, does not compile. */
export type Shape<T> = { readonly [K in keyof T]-?: v.GenericSchema };

// Text that every hypervisor can keep exactly: well-formed, no control characters, no noncharacters that XML forbids.
const isPlainText = (text: string): boolean => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text);
const isPlainProse = (text: string): boolean => isPlainText(text.replace(/[\t\n]/g, ''));

const plain = 'must not contain control characters, lone surrogates or noncharacters';

/** One line of text for people. */
export const line = (longest: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(longest), v.check(isPlainText, plain));

/** Several lines of text for people; tabs and newlines are fine. */
export const prose = (longest: number) => v.pipe(v.string(), v.maxLength(longest), v.check(isPlainProse, plain));

/** True for a valid date of any realm. */
export const isDate = (value: unknown): value is Date =>
  Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN(Number(value));

/** An opaque id as it came from the driver. */
export const identifier = v.pipe(v.string(), v.minLength(1), v.maxLength(1024), v.check(isPlainText, plain));

/** A token or owner that a caller chooses. */
export const token = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._:-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 . _ : -'),
);

/** A volume's name: may become a file name. */
export const volumeName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/,
    'must be 1 to 200 characters of A-Z a-z 0-9 . _ - and not start with . or -',
  ),
);

/** A quantity: a bigint that is not negative. */
export const quantity = v.pipe(v.bigint('must be a bigint; make it with bytes(), gibibytes() …'), v.minValue(0n));

/** A quantity that is more than nothing. */
export const positive = v.pipe(v.bigint('must be a bigint; make it with bytes(), gibibytes() …'), v.minValue(1n));

/** A whole number from 1 on. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));

/** A secret of any copy of this package. */
export const secret = v.custom<unknown>(
  (value) => typeof value === 'object' && value !== null && 'reveal' in value,
  'must be a Secret; make it with new Secret(text)',
);

/** Identity of a volume. */
export const volumeId = v.strictObject({ pool: identifier, key: identifier });

const isJson = (value: unknown): boolean => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  // Only plain objects, of any realm: a Date or a Map would come back from JSON as something else.
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && Object.values(value).every(isJson);
};

/** Anything that JSON keeps unchanged. */
export const json = v.custom<Json>(isJson, 'must be plain JSON data');

/** A moment; of any realm. */
export const moment = v.custom<Date>(isDate, 'must be a valid Date');

/** Settings that only the driver understands. */
export const extensions = v.record(v.string(), v.unknown());

/** A function or object that core hands through without looking inside. */
export const opaque = v.custom<unknown>((value) => value !== undefined && value !== null, 'is missing');
