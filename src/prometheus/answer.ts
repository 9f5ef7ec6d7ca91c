/** An alerting rule as Prometheus has loaded it. */
export interface AlertingRule {
  readonly name: string;
  /** Its expression, as Prometheus prints it. */
  readonly expression: string;
  /** The labels that it adds to its alerts. They may hold templates. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A series of a range query. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Times in milliseconds, with the value there: possibly not a finite number. */
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the alerting rules of one name from the answer of `GET /api/v1/rules`.
 *
 * @throws an error that names the place of the first fault.
 */
export function readAlertingRules(answer: unknown, name: string): readonly AlertingRule[] {
  const groups = listAt(dataOf(answer), 'groups', 'data.groups');
  return groups.flatMap((group, index) =>
    listAt(group, 'rules', `data.groups[${index}].rules`).flatMap((rule) => {
      const fields = fieldsOf(rule);
      if (fields.type !== 'alerting' || fields.name !== name) return [];
      if (typeof fields.query !== 'string') {
        throw new Error(`rule ${name}: expected its expression in "query"`);
      }
      return { name, expression: fields.query, labels: labelsOf(fields.labels) };
    }),
  );
}

/**
 * Reads the answer of a range query.
 *
 * @throws an error that names the place of the first fault: a series read in part is none.
 */
export function readMatrix(answer: unknown): readonly RangeSeries[] {
  const data = dataOf(answer);
  if (data.resultType !== 'matrix') throw new Error('data.resultType: expected "matrix"');
  return listAt(data, 'result', 'data.result').map((series, index) => {
    const fields = fieldsOf(series);
    // a series of native histograms has no values that make a line
    const values = fields.values ?? [];
    if (!Array.isArray(values)) throw new Error(`data.result[${index}].values: expected a list`);
    return { labels: labelsOf(fields.metric), points: values.map(pointOf) };
  });
}

/**
 * Reads the version from the answer of `GET /api/v1/status/buildinfo`.
 *
 * @throws an error where it is not one.
 */
export function readVersion(answer: unknown): string {
  const { version } = dataOf(answer);
  if (typeof version !== 'string') throw new Error('data.version: expected a text');
  return version;
}

function pointOf(point: unknown): readonly [number, number] {
  const [seconds, text] = Array.isArray(point) ? point : [];
  if (typeof seconds !== 'number' || typeof text !== 'string') {
    throw new Error('a value: expected a time and a text');
  }
  return [Math.round(seconds * 1_000), numberOf(text)];
}

/** Prometheus prints infinities as `+Inf` and `-Inf`. */
function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

/** Reads `data` of an answer. Throws where it is an error. */
export function dataOf(answer: unknown): Fields {
  const fields = fieldsOf(answer);
  if (fields.status !== 'success') throw new Error('status: expected "success"');
  return fieldsOf(fields.data);
}

/** Reads a list. Throws where it is none. */
export function listAt(value: unknown, name: string, place: string): readonly unknown[] {
  const list = fieldsOf(value)[name];
  if (!Array.isArray(list)) throw new Error(`${place}: expected a list`);
  return list;
}

/** Reads labels, none where there are none. */
export function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(value));
  return Object.fromEntries(entries.map(([name, label]) => [name, String(label)]));
}

/** Reads fields, none of what has none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
