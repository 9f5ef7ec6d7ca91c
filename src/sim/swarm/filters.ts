import { EngineRefusal } from './refusal.js';

/** The values given for each filter; a filter that was not given has none. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the `filters` of a list request: `{"name":["web"]}`, or the older `{"name":{"web":true}}`.
 *
 * @param known the filters that the endpoint has; any other is refused, as the engine does
 * @throws EngineRefusal 400
 */
export function readFilters(query: URLSearchParams, known: readonly string[]): Filters {
  const text = query.get('filters') ?? '';
  const filters = new Map<string, readonly string[]>();
  if (text === '') return filters;
  for (const [name, values] of Object.entries(parse(text))) {
    if (!known.includes(name)) throw new EngineRefusal(400, `Invalid filter '${name}'`);
    filters.set(name, readValues(values));
  }
  return filters;
}

/** Whether no such filter was given, or one of its values passes the test. */
export function passes(filters: Filters, name: string, test: (value: string) => boolean): boolean {
  return filters.get(name)?.some(test) ?? true;
}

/** Whether labels hold every `key` or `key=value` asked for. */
export function passesLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  return (filters.get('label') ?? []).every((wanted) => {
    const equals = wanted.indexOf('=');
    if (equals === -1) return wanted in labels;
    return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
  });
}

function parse(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new EngineRefusal(400, 'invalid character looking for beginning of value');
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw undecodable(parsed);
}

function readValues(values: unknown): string[] {
  if (Array.isArray(values)) return values.map(String);
  if (typeof values === 'object' && values !== null) return Object.keys(values);
  throw undecodable(values);
}

function undecodable(value: unknown): EngineRefusal {
  return new EngineRefusal(
    400,
    `json: cannot unmarshal ${typeof value} into Go value of type map[string]bool`,
  );
}
