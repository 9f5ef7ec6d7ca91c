/**
 * Where alerts come from. Alertmanager (and whoever posts its webhook) says, if it is set up so, when an
 * alert resolved; the others are callers that ask for one thing to be done and are gone.
 */
export type Source = 'alertmanager' | CommandSource;

/** A caller in the manner of Jenkins or docker-scaler. */
export type CommandSource = 'jenkins' | 'docker-scaler';

/** Whether alerts of this source are commands: over as soon as what they ask for is done. */
export function isCommand(source: string): source is CommandSource {
  return source === 'jenkins' || source === 'docker-scaler';
}
