import type { Automation } from '../../monitoring/described-service.js';
import { isMonitoringLabel } from '../../monitoring/label-names.js';

/** How far a service lets playbooks go, the most careful first. */
const saidModes = ['shadow', 'approve', 'auto'] as const;

export type SaidMode = (typeof saidModes)[number];

/** A number that a label gives. */
export interface LabelledNumber {
  readonly value: number;
  /** `com.df.scaleMax`, or `com.df.scaleMax of the container`. */
  readonly label: string;
}

/** What a service says about itself in its labels; `undefined`: it says nothing about that. */
export interface ServiceSettings {
  /** `false`: its owner keeps Jidoka away. */
  readonly enabled: boolean;
  readonly min: LabelledNumber | undefined;
  readonly max: LabelledNumber | undefined;
  readonly upBy: LabelledNumber | undefined;
  readonly downBy: LabelledNumber | undefined;
  readonly mode: SaidMode | undefined;
  readonly channel: string | undefined;
  readonly owner: string | undefined;
  /** What cannot be read, a sentence each. Nothing is done with a service that has any. */
  readonly faults: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** The labels by what they give. Ours comes first and wins over that of Docker Flow. */
export const serviceLabelNames = {
  enabled: ['jidoka.enable'],
  min: ['jidoka.scale.min', 'com.df.scaleMin'],
  max: ['jidoka.scale.max', 'com.df.scaleMax'],
  upBy: ['jidoka.scale.up_by', 'com.df.scaleUpBy'],
  downBy: ['jidoka.scale.down_by', 'com.df.scaleDownBy'],
  mode: ['jidoka.mode'],
  channel: ['jidoka.channel'],
  owner: ['jidoka.owner'],
} as const;

/** Labels that actions put on what they create, to find it again. Its owner gives none of these. */
const markNames = ['jidoka.run', 'jidoka.job'] as const;

const ownPrefix = 'jidoka.';
const known: readonly string[] = Object.values(serviceLabelNames)
  .flat()
  .filter((name) => name.startsWith(ownPrefix));
const ours: ReadonlySet<string> = new Set([...known, ...markNames]);

/** Names and ids of channels as Slack has them, the `#` before a name or left out. */
const channelPattern = /^#?[\p{L}\p{N}_-]{1,80}$/u;
const longestOwner = 80;

/**
 * Reads what a service says about itself. Every label of ours is checked, also one that nothing needs
 * at present, and one that begins like ours and is none: a bound or an opt-out that was misspelt is
 * found before the night in which it counts. Labels about its monitoring are read elsewhere
 * (`monitoring/read-monitoring.ts`): a fault in one keeps Jidoka from nothing else.
 *
 * @param labels those of the service
 * @param containerLabels those of its containers. Docker Flow's bounds and steps count there too, where the
 *   service has none of its own; a label of ours there is a fault, unless the service repeats it.
 */
export function readServiceLabels(labels: Labels, containerLabels: Labels = {}): ServiceSettings {
  const faults = misplaced(labels, containerLabels);
  const fallback = Object.fromEntries(
    Object.entries(containerLabels).filter(([name]) => !name.startsWith(ownPrefix)),
  );

  function read<Value>(
    names: readonly string[],
    expected: string,
    parse: (text: string) => Value | undefined,
  ): { readonly value: Value; readonly label: string } | undefined {
    const isOwn = names.some((name) => labels[name] !== undefined);
    const given = names.flatMap((name) => {
      const text = (isOwn ? labels : fallback)[name];
      if (text === undefined) return [];
      const label = isOwn ? name : `${name} of the container`;
      const value = parse(text);
      if (value !== undefined) return [{ value, label }];
      faults.push(`label ${label} is ${JSON.stringify(text.slice(0, 80))}; expected ${expected}`);
      return [];
    });
    return given[0];
  }

  const count = (names: readonly string[], least: number) =>
    read(names, `a whole number of at least ${least}`, (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least ? value : undefined;
    });

  const names = serviceLabelNames;
  const said = {
    enabled:
      read(names.enabled, 'true or false', (text) =>
        text === 'true' || text === 'false' ? text : undefined,
      )?.value !== 'false',
    min: count(names.min, 0),
    max: count(names.max, 0),
    upBy: count(names.upBy, 1),
    downBy: count(names.downBy, 1),
    mode: read(names.mode, 'shadow, approve or auto', (text) =>
      saidModes.find((mode) => mode === text),
    )?.value,
    channel: read(names.channel, 'the name or id of a Slack channel', (text) =>
      channelPattern.test(text) ? text : undefined,
    )?.value,
    owner: read(names.owner, `a name of up to ${longestOwner} characters in one line`, (text) =>
      text.trim() !== '' && text.length <= longestOwner && !/\p{Cc}/u.test(text) ? text : undefined,
    )?.value,
  };
  const { min, max } = said;
  for (const label of Object.keys(labels)) {
    if (label.startsWith(ownPrefix) && !ours.has(label) && !isMonitoringLabel(label)) {
      faults.push(`unknown label ${label}; expected one of ${known.join(', ')}`);
    }
  }
  if (min !== undefined && max !== undefined && min.value > max.value) {
    faults.push(`label ${min.label} (${min.value}) is above label ${max.label} (${max.value})`);
  }
  return { ...said, faults };
}

/** What is shown of the settings of a service; faults only where they count. */
export function automationOf(said: ServiceSettings): Automation {
  const { enabled, min, max, mode = null, owner = null, faults } = said;
  return {
    enabled,
    min: min?.value ?? null,
    max: max?.value ?? null,
    mode,
    owner,
    faults: enabled ? faults : [],
  };
}

/** What the containers' labels say that only the service's own may. */
function misplaced(labels: Labels, containerLabels: Labels): string[] {
  return Object.keys(containerLabels)
    .filter((name) => name.startsWith(ownPrefix) && !isMonitoringLabel(name))
    .filter((name) => labels[name] === undefined)
    .map(
      (name) =>
        `label ${name} is set on the container; expected it on the service: under deploy.labels, or by docker service update --label-add`,
    );
}
