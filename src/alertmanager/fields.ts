import { InputError } from '../lib/errors.js';
import type { Labels } from './alert.js';
import type { OddField } from './odd-field.js';

/** A mapping of JSON whose values are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Is told of each odd field. */
export type OnOdd = (odd: OddField) => void;

/** Where a field stands, for messages, and who is told that it is odd. */
export interface Place {
  /** `alerts[3].`, or nothing at the top of a notification. */
  readonly prefix: string;
  readonly onOdd: OnOdd;
}

/** A field as a mapping. @throws InputError where it is none. */
export function fieldsOf(value: unknown, path: string): Fields {
  if (isFields(value)) return value;
  throw expected(path, 'a JSON object', value);
}

/** Whether this is a mapping. */
function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field as a text of bounded length; the empty text where it is absent, or cannot be one. */
export function textOf(fields: Fields, name: string, maxLength: number, place: Place): string {
  const value = own(fields, name) ?? '';
  const text = textOfScalar(value);
  if (typeof value !== 'string') {
    tell(place, name, 'a string', value, text === null ? 'ignored' : 'taken as a string');
  }
  if (text === null) return '';
  if (text.length <= maxLength) return text;
  tell(place, name, `at most ${maxLength} characters`, value, 'cut off');
  return text.slice(0, maxLength);
}

/**
 * A field as names and texts; numbers and truth values become texts, `null` is as good as absent. What
 * is neither a text nor can be one is left out, and so is everything beyond `maxCount` names or
 * `maxLength` characters of names and texts together.
 */
export function textsOf(
  fields: Fields,
  name: string,
  { maxCount, maxLength }: { readonly maxCount: number; readonly maxLength: number },
  place: Place,
): Labels {
  const value = own(fields, name) ?? {};
  if (!isFields(value)) {
    tell(place, name, 'names and strings', value, 'ignored');
    return {};
  }
  const taken: [string, string][] = [];
  let length = 0;
  for (const key of Object.keys(value)) {
    const text = textOfScalar(value[key]);
    if (typeof value[key] !== 'string') {
      const done = text === null ? 'ignored' : 'taken as a string';
      tell(place, `${name}[${shown(key)}]`, 'a string', value[key], done, name);
    }
    if (text === null) continue;
    const room = maxLength - length - key.length;
    if (taken.length === maxCount || text.length > room) {
      const most = `at most ${maxCount} names and ${maxLength} characters`;
      tell(place, name, most, value, 'the rest is left out');
      if (taken.length < maxCount && room > 0) taken.push([key, text.slice(0, room)]);
      break;
    }
    length += key.length + text.length;
    taken.push([key, text]);
  }
  return Object.fromEntries(taken);
}

/** A text, or a number or truth value as one; `null`: it has no text that is surely meant. */
export function textOfScalar(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  // a larger number has lost digits when it was read
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  return null;
}

/** A field of its own, never one that every object inherits. */
export function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Tells that a field is odd, and how it was read. */
export function tell(
  { prefix, onOdd }: Place,
  path: string,
  what: string,
  value: unknown,
  done: string,
  field = path,
): void {
  onOdd({ field, message: `${prefix}${path}: expected ${what}, got ${describe(value)}; ${done}` });
}

/** The fault of a field that is needed and cannot be read. */
export function expected(path: string, what: string, value: unknown): InputError {
  return new InputError(`${path}: expected ${what}, got ${describe(value)}`, path);
}

/** A name for a message, cut where it is long. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

/** What was found instead; long or structured values by their kind only. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `a ${typeof value} of ${text.length} characters` : text;
}
