import { EngineRefusal } from './refusal.js';
import { type Mode, modeName, type Service, type ServiceSpec } from './service.js';

/**
 * Reads the body of a service update as Engine 20.10 does: numbers are checked while it is decoded, a
 * spec without `TaskTemplate` is refused, an absent `Mode` or `Replicas` becomes one replica.
 *
 * @throws EngineRefusal with the engine's own words
 */
export function readSpec(body: string): ServiceSpec {
  if (body === '') throw new EngineRefusal(400, 'got EOF while reading request body');
  const spec = parseObject(body);
  const mode = readMode(spec.Mode);
  if (!isObject(spec.TaskTemplate) || !isObject(spec.TaskTemplate.ContainerSpec)) {
    throw new EngineRefusal(400, 'mismatched Runtime and *Spec fields');
  }
  const name = spec.Name;
  return {
    ...spec,
    Name: typeof name === 'string' ? name : '',
    TaskTemplate: spec.TaskTemplate,
    Mode: mode,
  };
}

/**
 * Refuses what no update may change: the name and the mode.
 *
 * @throws EngineRefusal 501, as the engine answers
 */
export function refuseForbiddenChange(service: Service, spec: ServiceSpec): void {
  if (spec.Name !== service.spec.Name) {
    throw unimplemented('renaming services is not supported');
  }
  if (modeName(spec.Mode) !== modeName(service.spec.Mode)) {
    throw unimplemented('service mode change is not allowed');
  }
}

/**
 * Reads the version that an update names.
 *
 * @throws EngineRefusal with the engine's own words
 */
export function readVersion(version: string | null, of: 'service' | 'node' = 'service'): number {
  const text = version ?? '';
  if (!/^\d+$/.test(text)) {
    const why = `strconv.ParseUint: parsing "${text}": invalid syntax`;
    throw new EngineRefusal(400, `invalid ${of} version '${text}': ${why}`);
  }
  return Number(text);
}

function unimplemented(why: string): EngineRefusal {
  return new EngineRefusal(501, `rpc error: code = Unimplemented desc = ${why}`);
}

function parseObject(body: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new EngineRefusal(400, 'invalid character in the request body');
  }
  if (!isObject(parsed)) throw undecodable(parsed, 'value of type swarm.ServiceSpec');
  return parsed;
}

function readMode(mode: unknown): Mode {
  if (mode === undefined || mode === null) return { Replicated: { Replicas: 1 } };
  if (!isObject(mode)) {
    throw undecodable(mode, 'struct field ServiceSpec.Mode of type swarm.ServiceMode');
  }
  if (isObject(mode.ReplicatedJob)) return { ReplicatedJob: mode.ReplicatedJob };
  if (isObject(mode.Global)) return { Global: {} };
  const replicated = isObject(mode.Replicated) ? mode.Replicated : {};
  return { Replicated: { Replicas: readReplicas(replicated.Replicas) } };
}

function readReplicas(replicas: unknown): number {
  if (replicas === undefined || replicas === null) return 1;
  if (typeof replicas !== 'number' || !Number.isSafeInteger(replicas) || replicas < 0) {
    throw undecodable(
      replicas,
      'struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
    );
  }
  return replicas;
}

function undecodable(value: unknown, into: string): EngineRefusal {
  const what = typeof value === 'number' ? `number ${value}` : goKind(value);
  return new EngineRefusal(400, `json: cannot unmarshal ${what} into Go ${into}`);
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
