const integers: Readonly<Record<string, bigint>> = {
  byte: 2n ** 7n,
  short: 2n ** 15n,
  int: 2n ** 31n,
  long: 2n ** 63n,
};

const forms: Readonly<Record<string, RegExp>> = {
  boolean: /^(true|false|0|1)$/,
  float: /^-?(\d+(\.\d*)?([eE][-+]?\d+)?|INF)$|^NaN$/,
  double: /^-?(\d+(\.\d*)?([eE][-+]?\d+)?|INF)$|^NaN$/,
  dateTime: /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)?$/,
  base64Binary: /^[A-Za-z0-9+/\s]*={0,2}\s*$/,
};

/** What is wrong with a text as a value of one of XML Schema's types; undefined when nothing is. */
export function primitiveProblem(type: string, text: string, path: string): string | undefined {
  const value = text.trim();
  const limit = integers[type];
  const fits = limit === undefined ? (forms[type]?.test(value) ?? true) : isInteger(value, limit);
  return fits ? undefined : `${path} has the value '${value}', which is no ${type}.`;
}

function isInteger(text: string, limit: bigint): boolean {
  if (!/^[-+]?\d+$/.test(text)) return false;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -limit && value < limit;
}
