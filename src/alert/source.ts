/** The callers that ask for one thing to be done and are gone. */
const commandSources = ['jenkins', 'docker-scaler'] as const;
export type CommandSource = (typeof commandSources)[number];

/** Where alerts come from: Alertmanager (and whoever posts its webhook), or a caller of a command. */
export const sources = ['alertmanager', ...commandSources] as const;
export type Source = (typeof sources)[number];

/** Whether this is the name of a source. */
export function isSource(name: unknown): name is Source {
  return sources.some((source) => source === name);
}

/** Whether alerts of this source are commands: over as soon as what they ask for is done. */
export function isCommand(source: string): source is CommandSource {
  return commandSources.some((known) => known === source);
}
