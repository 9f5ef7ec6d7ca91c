import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { DescribedServiceView } from '../../api/services-schema.js';
import { messageOf } from '../../lib/errors.js';
import { readMonitoring } from '../../monitoring/read-monitoring.js';
import type { Shortcuts } from '../../monitoring/shortcuts.js';
import { UsageError } from '../usage-error.js';

/**
 * Reads what the services of a stack file say about their monitoring.
 *
 * @throws UsageError where it is no stack file.
 */
export async function readStackFile(
  path: string,
  shortcuts: Shortcuts,
): Promise<readonly DescribedServiceView[]> {
  let stack: unknown;
  try {
    // as `docker stack deploy` has it
    stack = parse(await readFile(path, 'utf8'), { merge: true });
  } catch (error) {
    throw new UsageError(`--stack-file: ${messageOf(error)}`);
  }
  const services = objectAt(stack, 'services');
  if (services === undefined) {
    throw new UsageError(`--stack-file: expected services in ${path}`);
  }
  return Object.entries(services).map(([name, service]) => {
    const deploy = objectAt(service, 'deploy') ?? {};
    const replicas = deploy.mode === 'global' ? undefined : Number(deploy.replicas ?? 1);
    const { rules, faults } = readMonitoring(
      {
        ...{ id: name, name, replicas },
        labels: labelsOf(deploy.labels),
        containerLabels: labelsOf(objectAt(service)?.labels),
      },
      shortcuts,
    );
    const alerts = rules.map(({ alert, expr, for: lasting, labels, annotations }) => ({
      ...{ name: alert, expression: expr, for: lasting ?? null, labels, annotations },
      refused: null,
    }));
    return { name, targets: [], alerts, faults };
  });
}

/** Labels as a mapping, or as a list of `name=value`; `$$` stands for `$`. */
function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const pairs = Array.isArray(value)
    ? value.map((one) => {
        const [name = '', ...rest] = String(one).split('=');
        return [name, rest.join('=')] as const;
      })
    : Object.entries(objectAt(value) ?? {}).map(
        ([name, one]) => [name, String(one ?? '')] as const,
      );
  return Object.fromEntries(pairs.map(([name, one]) => [name, one.replaceAll('$$', '$')]));
}

function objectAt(value: unknown, key?: string): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = value as Readonly<Record<string, unknown>>;
  return key === undefined ? found : objectAt(found[key]);
}
