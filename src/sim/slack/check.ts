/** Looks at a value and tells what is wrong with it; `at` is its place as a JSON pointer. */
export type Check = (value: unknown, at: string) => string[];

/** The fields of an object: each with its check, and whether it may be absent. */
export interface Shape {
  readonly required?: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
}

/** A problem as Slack writes it. */
export function problem(message: string, at: string): string {
  return `${message} [json-pointer:${at}]`;
}

/** A string of at least one and at most `max` characters (UTF-16 units, so that it is never too lenient). */
export function text(max: number): Check {
  return (value, at) => {
    if (typeof value !== 'string') return [problem('must be a string', at)];
    if (value.length === 0) return [problem('must be more than 0 characters', at)];
    if (value.length > max) return [problem(`must be less than ${max + 1} characters`, at)];
    return [];
  };
}

export const flag: Check = (value, at) =>
  typeof value === 'boolean' ? [] : [problem('must be a boolean', at)];

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): Check {
  return (value, at) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : [problem(`must be an integer from ${min} to ${max}`, at)];
}

/** One of a few strings. */
export function oneOf(...values: readonly string[]): Check {
  return (value, at) =>
    typeof value === 'string' && values.includes(value)
      ? []
      : [problem(`value is not one of: ${values.join(', ')}`, at)];
}

/** A list with at least one and at most `max` items. */
export function listOf(item: Check, max: number): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return [problem('must be an array', at)];
    if (value.length === 0) return [problem('no fewer than 1 items allowed', at)];
    if (value.length > max) return [problem(`no more than ${max} items allowed`, at)];
    return value.flatMap((one: unknown, index) => item(one, `${at}/${index}`));
  };
}

/** An object with the fields of a shape and no others; `type` is checked by the caller that chose the shape. */
export function objectOf({ required = {}, optional = {} }: Shape): Check {
  const known: Readonly<Record<string, Check>> = { ...required, ...optional };
  return (value, at) => {
    if (!isObject(value)) return [problem('must provide an object', at)];
    const missing = Object.keys(required).filter((name) => value[name] === undefined);
    const fields = Object.entries(value).filter(([name]) => name !== 'type');
    return [
      ...missing.map((name) => problem(`missing required field: ${name}`, at)),
      ...fields.flatMap(([name, field]) => {
        const check = Object.hasOwn(known, name) ? known[name] : undefined;
        return check === undefined
          ? [problem(`invalid additional property: ${name}`, at)]
          : check(field, `${at}/${name}`);
      }),
    ];
  };
}

/** An object whose `type` chooses its check. */
export function byType(checks: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    if (!isObject(value)) return [problem('must provide an object', at)];
    const type = typeof value.type === 'string' ? value.type : '';
    const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
    return check === undefined
      ? [problem(`unsupported type: ${type}`, `${at}/type`)]
      : check(value, at);
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
