import type { Labels } from '../alertmanager/alert.js';
import { InputError } from '../lib/errors.js';
import { type GroupBody, readGroup } from './group-labels.js';

/** What one call of docker-scaler asks for. */
export interface ScalerCall {
  /** The last part of its address: `scale-service`. */
  readonly name: string;
  /** The query's parameters, without the token. */
  readonly query: Labels;
  readonly bytes: Buffer;
}

/**
 * Reads the requests of a call: by the query, by the group, or by each alert of it that fires. As in
 * docker-scaler, a parameter without a value counts as not given, and a body that cannot be read is no
 * fault where the query is enough.
 *
 * @returns the parameters of each request; none where the alerts have resolved or are Jidoka's own.
 * @throws InputError that names the parameter at fault.
 */
export function readScalerCall({ name, query, bytes }: ScalerCall): readonly Labels[] {
  const given = withoutEmpty(query);
  const { body, fault } = readLeniently(bytes);
  if (body?.asksNothing) return [];
  try {
    return requestsIn(name, given, body);
  } catch (error) {
    throw fault ?? error;
  }
}

function readLeniently(bytes: Buffer): { body: GroupBody | null; fault?: InputError } {
  try {
    return { body: readGroup(bytes) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { body: null, fault: error };
  }
}

function requestsIn(name: string, query: Labels, body: GroupBody | null): readonly Labels[] {
  if (name.startsWith('reschedule')) {
    if (name === 'reschedule-service') need(query, 'service', 'the name of a service');
    return [query];
  }
  const group = { ...body?.commonLabels, ...body?.groupLabels };
  const together = { ...withoutEmpty(group), ...query };
  const isEnough = together.scale !== undefined && (name === 'scale-nodes' || together.service);
  const read = (labels: Labels) =>
    name === 'scale-service'
      ? serviceRequest(labels, query, body?.groupLabels)
      : nodesRequest(labels, query, body?.groupLabels);
  const each =
    isEnough || body === null || body.alerts.length === 0
      ? [together]
      : body.alerts.map((labels) => ({ ...withoutEmpty(labels), ...query }));
  const distinct = new Map(each.map(read).map((one) => [JSON.stringify(one), one]));
  return [...distinct.values()];
}

function serviceRequest(labels: Labels, ...byFrom: (Labels | undefined)[]): Labels {
  need(labels, 'service', 'the name of a service');
  const scale = directionIn(labels);
  return { service: labels.service ?? '', scale, ...stepIn([...byFrom, labels]) };
}

/** The service is only that whose labels say how the nodes are scaled: where docker-scaler read it. */
function nodesRequest(labels: Labels, query: Labels, groupLabels: Labels = {}): Labels {
  const service = query.service ?? groupLabels.service;
  return {
    type: roleIn(labels),
    scale: directionIn(labels),
    ...(service ? { service } : {}),
    ...stepIn([query, groupLabels, labels]),
  };
}

function directionIn({ scale = '' }: Labels): string {
  if (scale === 'up' || scale === 'down') return scale;
  throw new InputError(`scale: expected up or down, got ${JSON.stringify(scale)}`, 'scale');
}

/**
 * How many at a time, from the first place that gives a whole number. Its sign is dropped; 0, and what is
 * no whole number, leave the step to the service's own labels. (docker-scaler)
 */
function stepIn(places: readonly (Labels | undefined)[]): { readonly by?: string } {
  const given = places.map((labels) => labels?.by?.trim()).find((by) => by && wholeNumber.test(by));
  const count = given === undefined ? 0 : Math.abs(Number(given));
  return count === 0 ? {} : { by: String(count) };
}

/** No more digits than JavaScript's numbers hold exactly. */
const wholeNumber = /^[+-]?\d{1,15}$/;

function roleIn({ type = 'worker' }: Labels): string {
  if (type === 'worker' || type === 'manager') return type;
  if (type === 'node') return 'worker';
  throw new InputError(`type: expected worker or manager, got ${JSON.stringify(type)}`, 'type');
}

function need(labels: Labels, name: string, what: string): void {
  if (!labels[name]) throw new InputError(`${name}: expected ${what}, got nothing`, name);
}

function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
