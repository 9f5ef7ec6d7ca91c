/** Who decides, and through which door. */
export type Person =
  | {
      readonly via: 'slack';
      /** Slack's id of the user: `U123`. */
      readonly id: string;
      /** Slack's id of the user's workspace; `undefined`: Slack did not say. */
      readonly team: string | undefined;
      readonly name: string | undefined;
    }
  /** Signed in to the console, or holding the API's token: that is the right to decide. */
  | { readonly via: 'console' | 'api'; readonly name: string };

/** As records and messages call a person: `ana (U123)`, `ana`. */
export function personName(person: Person): string {
  if (person.via !== 'slack') return person.name;
  return person.name === undefined ? person.id : `${person.name} (${person.id})`;
}

/** Whether a person may decide; if not, why, in a sentence for that person. */
export type Permission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: string };

/**
 * Asks whether a person may decide about what a playbook does.
 *
 * @param playbook its name; `null`: what is to be decided belongs to none
 */
export type MayDecide = (person: Person, playbook: string | null) => Promise<Permission>;

/** For simulations, where anyone who a test names decides. */
export const anybodyDecides: MayDecide = async () => ({ allowed: true });
