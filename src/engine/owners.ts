import type { Observation, TargetSays } from '../action/action.js';
import type { Reason } from '../ledger/reason.js';
import type { Target } from '../target/change.js';
import { faultSubject } from './report-fault.js';
import { aboutLabels } from './service-watch.js';

/** What the owners of all targets of a run say on them, taken together: the most careful word counts. */
export interface OwnersSay {
  /** Why nothing is done: something that a target says cannot be read. Told once a target. */
  readonly unreadable: Unreadable | null;
  /** The target that lets playbooks only show what they would do. */
  readonly shadow: Target | null;
  /** The target before whose change a person is asked. */
  readonly approve: Target | null;
  /** Where the first owner who says so wants to be told. */
  readonly channel: string | undefined;
}

/** A target about which something cannot be read. */
export interface Unreadable {
  readonly detail: string;
  /** What all reports of it are about, whatever alert brings them up. */
  readonly subject: string;
}

export const nobodySays: OwnersSay = {
  unreadable: null,
  shadow: null,
  approve: null,
  channel: undefined,
};

/** Takes together what the owners of the targets that were observed say on them. Pure. */
export function ownersSay(
  observations: readonly Pick<Observation<unknown>, 'target' | 'says'>[],
): OwnersSay {
  const said = observations.flatMap(({ target, says }) => (says ? [{ target, says }] : []));
  const first = (mode: TargetSays['mode']) =>
    said.find(({ says }) => says.mode === mode)?.target ?? null;
  const faulty = said.find(({ says }) => says.faults.length > 0);
  return {
    unreadable: faulty === undefined ? null : unreadable(faulty.target, faulty.says.faults),
    shadow: first('shadow'),
    approve: first('approve'),
    channel: said.find(({ says }) => says.channel !== undefined)?.says.channel,
  };
}

/** What is told of a target about which something cannot be read. */
function unreadable({ id, name }: Target, faults: readonly string[]): Unreadable {
  return {
    detail: `service ${name}: ${faults.join('; ')}; nothing is done with it until that is mended`,
    subject: faultSubject(aboutLabels(id)),
  };
}

const labelsUnreadable: Reason = 'labels_unreadable';

/** Why a run on a target with what its owner says may not go on as it began; `null`: it may. */
export function forbiddenBy(
  says: TargetSays | undefined,
  name: string,
): { readonly reason: Reason; readonly detail: string } | null {
  const [fault] = says?.faults ?? [];
  if (fault !== undefined) return { reason: labelsUnreadable, detail: `service ${name}: ${fault}` };
  if (says?.mode !== 'shadow') return null;
  return { reason: 'target_shadow', detail: inShadow(name) };
}

/** `service web is labelled jidoka.mode=shadow` */
export function inShadow(name: string): string {
  return `service ${name} is labelled jidoka.mode=shadow`;
}
