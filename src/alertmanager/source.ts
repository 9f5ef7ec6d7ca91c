/** The callers that ask for one thing to be done and are gone. */
const callSources = ['jenkins', 'docker-scaler'] as const;
export type CallSource = (typeof callSources)[number];

/** Who asks for one thing to be done: a caller, or a person who runs a playbook by hand. */
const commandSources = [...callSources, 'manual'] as const;
export type CommandSource = (typeof commandSources)[number];

/** Where alerts come from: Alertmanager's webhook and API, Grafana's webhook, or a command. */
export const sources = ['alertmanager', 'grafana', ...commandSources] as const;
export type Source = (typeof sources)[number];

/** What a playbook may say in `source`: a source, or `command` for all callers. */
export const sourceNames = [...sources, 'command'] as const;

/** The sources that a playbook takes where it does not say: those of alerts. */
const alertSources: readonly Source[] = ['alertmanager', 'grafana'];

/** The sources that are meant by what a playbook says in `source`. */
export function sourcesOf(
  names: readonly (typeof sourceNames)[number][] = alertSources,
): ReadonlySet<Source> {
  return new Set(names.flatMap((name) => (name === 'command' ? callSources : [name])));
}

/** Whether this is the name of a source. */
export function isSource(name: unknown): name is Source {
  return sources.some((source) => source === name);
}

/** Whether alerts of this source are commands: over as soon as what they ask for is done. */
export function isCommand(source: string): source is CommandSource {
  return commandSources.some((known) => known === source);
}

/** Whether commands of this source are calls, whose label `command` names the caller. */
export function isCall(source: string): source is CallSource {
  return callSources.some((known) => known === source);
}
