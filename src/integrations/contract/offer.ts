import type { Change } from './change.js';

/** Steps of a size that people are offered. Each shows the size that it leads to, and goes no further. */
export interface SizeOffer {
  /** The target as people call it: `service web`. */
  readonly name: string;
  readonly action: string;
  /** The parameters that name the target. */
  readonly params: Readonly<Record<string, string>>;
  /** The first word of the buttons: `Scale`. */
  readonly verb: string;
  readonly steps: readonly { readonly id: string; readonly by: 1 | -1 }[];
}

/** Another change that people are offered, where it can be made now. */
export interface ChangeOffer {
  readonly id: string;
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  /**
   * Words the button of a planned change, with parameters that hold it to what the person saw.
   *
   * @param name the target's name, cut to the room of a button
   */
  button(
    change: Change,
    name: string,
  ): { readonly label: string; readonly params?: Readonly<Record<string, string>> };
}

/** What people are offered for an alert. */
export interface Offers {
  readonly sizes: readonly SizeOffer[];
  readonly changes: readonly ChangeOffer[];
  /** Why nothing is offered although the alert is about such targets. */
  readonly note?: string;
}
