import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { readAutomation } from '../../integrations/registry.js';
import { messageOf } from '../../lib/errors.js';
import type { MonitoredService } from '../../monitoring/compose.js';
import { isDockerFlowMonitoringLabel } from '../../monitoring/label-names.js';
import { readMonitoring } from '../../monitoring/read-monitoring.js';
import type { Shortcuts } from '../../monitoring/shortcuts.js';
import { UsageError } from '../usage-error.js';
import { interpolate } from './interpolate.js';

/** A service of a stack file. */
export interface StackService {
  readonly described: MonitoredService;
  readonly labels: Readonly<Record<string, string>>;
  readonly mode: string;
  readonly replicas: number;
  /** Labels that have no effect where they are. */
  readonly warnings: readonly string[];
}

/**
 * Reads what the services of a stack file say about themselves, with variables of the environment in place, as
 * `docker stack deploy` reads it.
 *
 * @throws UsageError where it is no stack file.
 */
export async function readStackFile(
  path: string,
  shortcuts: Shortcuts,
  env: NodeJS.ProcessEnv,
): Promise<readonly StackService[]> {
  let stack: unknown;
  try {
    stack = parse(await readFile(path, 'utf8'), { merge: true });
  } catch (error) {
    throw new UsageError(`--stack-file: ${messageOf(error)}`);
  }
  const services = objectAt(stack, 'services');
  if (services === undefined) {
    throw new UsageError(`--stack-file: expected services in ${path}`);
  }
  return Object.entries(services).map(([name, service]) => {
    try {
      return readService(name, service);
    } catch (error) {
      throw new UsageError(`--stack-file: service ${name}: ${messageOf(error)}`);
    }
  });

  function readService(name: string, service: unknown): StackService {
    const deploy = objectAt(service, 'deploy') ?? {};
    const text = (value: unknown) => interpolate(String(value ?? ''), env);
    const labels = labelsOf(deploy.labels, text);
    const containerLabels = labelsOf(objectAt(service)?.labels, text);
    const mode = text(deploy.mode ?? 'replicated');
    const replicas = Number(text(deploy.replicas ?? 1));
    const automation = readAutomation(labels, containerLabels);
    const wanted = mode === 'replicated' ? replicas : undefined;
    const about = { id: name, name, automation };
    const monitoring = readMonitoring(
      { ...about, replicas: wanted, labels, containerLabels },
      shortcuts,
    );
    const warnings = Object.keys(containerLabels)
      .filter((label) => isDockerFlowMonitoringLabel(label) && labels[label] === undefined)
      .map(
        (label) =>
          `label ${label} is outside of deploy and has no effect; move it to deploy.labels`,
      );
    const described = { ...monitoring, ...about, replicas: wanted ?? null, targets: [] };
    const bounds = Object.entries(containerLabels).filter(([label]) => label.startsWith('com.df.'));
    return {
      described,
      labels: { ...Object.fromEntries(bounds), ...labels },
      ...{ mode, replicas, warnings },
    };
  }
}

/** Labels as a mapping, or as a list of `name=value`. */
function labelsOf(
  value: unknown,
  text: (value: unknown) => string,
): Readonly<Record<string, string>> {
  const pairs = Array.isArray(value)
    ? value.map((one) => {
        const [name = '', ...rest] = text(one).split('=');
        return [name, rest.join('=')] as const;
      })
    : Object.entries(objectAt(value) ?? {}).map(([name, one]) => [name, text(one)] as const);
  return Object.fromEntries(pairs);
}

function objectAt(value: unknown, key?: string): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = value as Readonly<Record<string, unknown>>;
  return key === undefined ? found : objectAt(found[key]);
}
