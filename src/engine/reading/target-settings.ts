import type { Observation, TargetSettings } from '../../integrations/contract/action.js';
import type { Target } from '../../integrations/contract/change.js';
import { describeTarget } from '../../integrations/describe-target.js';
import type { Reason } from '../../ledger/reason.js';
import { unreadableSubject } from '../faults/unreadable-target.js';

/** What the owners of all targets of a run say on them, taken together: the most careful word counts. */
export interface OwnerSettings {
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

export const noSettings: OwnerSettings = {
  unreadable: null,
  shadow: null,
  approve: null,
  channel: undefined,
};

/** Takes together what the owners of the targets that were observed say on them. Pure. */
export function ownerSettings(
  observations: readonly Pick<Observation<unknown>, 'target' | 'settings'>[],
): OwnerSettings {
  const said = observations.flatMap(({ target, settings }) =>
    settings ? [{ target, settings }] : [],
  );
  const first = (mode: TargetSettings['mode']) =>
    said.find(({ settings }) => settings.mode === mode)?.target ?? null;
  const faulty = said.find(({ settings }) => settings.faults.length > 0);
  return {
    unreadable: faulty === undefined ? null : unreadable(faulty.target, faulty.settings.faults),
    shadow: first('shadow'),
    approve: first('approve'),
    channel: said.find(({ settings }) => settings.channel !== undefined)?.settings.channel,
  };
}

/** What is told of a target about which something cannot be read. */
function unreadable(target: Target, faults: readonly string[]): Unreadable {
  return {
    detail: `${describeTarget(target)}: ${faults.join('; ')}; Jidoka does not change it until its labels are correct`,
    subject: unreadableSubject(target.id),
  };
}

const labelsUnreadable: Reason = 'labels_unreadable';

/** Why a run on a target with what its owner says may not go on as it began; `null`: it may. */
export function forbiddenBy(
  settings: TargetSettings | undefined,
  target: Target,
): { readonly reason: Reason; readonly detail: string } | null {
  const [fault] = settings?.faults ?? [];
  if (fault !== undefined) {
    return { reason: labelsUnreadable, detail: `${describeTarget(target)}: ${fault}` };
  }
  if (settings?.mode !== 'shadow') return null;
  return { reason: 'target_shadow', detail: inShadow(target) };
}

/** `service web has the label jidoka.mode=shadow` */
export function inShadow(target: Target): string {
  return `${describeTarget(target)} has the label jidoka.mode=shadow`;
}
