import { messageOf } from '../../lib/errors.js';
import { type Finding, note, ok, someOf, warning, wrong } from '../../lib/finding.js';
import type { Bounds } from '../contract/action.js';
import type { Environment } from '../contract/settings.js';
import type { SwarmService } from './answer.js';
import { createSwarm } from './client.js';
import { hasNoSocket } from './error.js';
import { serviceBounds } from './service-bounds.js';
import { readServiceLabels } from './service-labels.js';

/** Looks at the Swarm, and at what its services say about their own scaling. */
export async function examineSwarm(options: {
  readonly dockerHost: string | undefined;
  /** The policy's bounds, which hold where a service gives none. */
  readonly bounds: Bounds;
  readonly timeoutMs: number;
  readonly env: Environment;
}): Promise<readonly Finding[]> {
  const { dockerHost, bounds } = options;
  const swarm = createSwarm(options);
  try {
    const { engineVersion, apiVersion } = await swarm.check();
    const where = dockerHost ?? 'the default socket';
    return [
      ok(`Docker ${engineVersion} (API ${apiVersion}), a manager with a leader, at ${where}`),
      ...examineServices(await swarm.services(), bounds),
    ];
  } catch (error) {
    if (dockerHost === undefined && hasNoSocket(error)) {
      return [
        note('not configured: DOCKER_HOST is not set, and there is no Docker on this machine'),
      ];
    }
    return [
      wrong(
        messageOf(error),
        'services can neither be read nor scaled; alerts about them go to a person',
        'set DOCKER_HOST to a manager of the Swarm, for example tcp://manager:2375, and let this user reach it',
      ),
    ];
  }
}

function examineServices(services: readonly SwarmService[], policy: Bounds): Finding[] {
  const bounded: string[] = [];
  const oneSided: string[] = [];
  const findings: Finding[] = [];
  for (const { name, labels, containerLabels, mode } of services) {
    const settings = readServiceLabels(labels, containerLabels);
    if (!settings.enabled) continue;
    findings.push(...settings.faults.map((fault) => unreadable(name, fault)));
    if (settings.faults.length > 0 || mode !== 'replicated') continue;
    const { min, max } = serviceBounds({}, settings, policy);
    if (min === undefined && max === undefined) continue;
    if (min === undefined) oneSided.push(`${name} (no floor)`);
    else if (max === undefined) oneSided.push(`${name} (no ceiling)`);
    else if (min.value > max.value) findings.push(crossed(name, min.value, max.value));
    else bounded.push(name);
  }
  findings.unshift(
    ok(`${services.length} services can be listed; ${bounded.length} have a floor and a ceiling`),
  );
  if (oneSided.length > 0) {
    findings.push(
      warning(
        `with one bound only: ${someOf(oneSided)}`,
        'Jidoka makes no automatic change without both bounds',
        'give both: docker service update --label-add com.df.scaleMin=1 --label-add com.df.scaleMax=5 SERVICE, or bounds in policy.yaml',
      ),
    );
  }
  return findings;
}

function unreadable(name: string, fault: string): Finding {
  return wrong(
    `service ${name}: ${fault}`,
    'Jidoka does not change a service with an invalid label, and escalates',
    `docker service update --label-add LABEL=VALUE ${name} (or --label-rm LABEL); see docs/reference/service-labels.md`,
  );
}

function crossed(name: string, min: number, max: number): Finding {
  return wrong(
    `service ${name}: its floor ${min} is above its ceiling ${max}`,
    'no size is within such bounds, so that it is never scaled',
    `docker service update --label-add com.df.scaleMin=NUMBER ${name}`,
  );
}
