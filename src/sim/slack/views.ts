import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.js';
import { isObject } from './check.js';
import { identity } from './identity.js';
import { patienceMs } from './send.js';
import { SlackError } from './slack-error.js';
import { readView, type View } from './view-check.js';

/** A person as an interaction names them. */
export interface Clicker {
  readonly id: string;
  readonly name: string;
  /** Of another workspace, as through Slack Connect; the app's own unless told. */
  readonly teamId?: string;
}

/** A modal that one person has before them. */
export interface OpenForm {
  readonly id: string;
  readonly user: Clicker;
  readonly view: View;
}

/** The modals of the workspace, and the `trigger_id`s by which an app may open them. */
export interface Views {
  /** The modals that are open, oldest first. */
  readonly open: readonly OpenForm[];
  /** A `trigger_id` for an interaction of a person: it serves once, within 3 s. */
  issueTrigger(user: Clicker): string;
  /** `views.open`. @throws SlackError as Slack answers. */
  openView(params: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** The interaction of a person who submits a modal, with what was typed into it by `action_id`. */
  submission(form: OpenForm, typed: Readonly<Record<string, string>>): Record<string, unknown>;
  /** Does with the modal what the app answered to its submission. @throws SlackError for a bad view. */
  answered(form: OpenForm, body: string): void;
}

export function createViews({ clock }: { readonly clock: Clock }): Views {
  const triggers = new Map<string, { user: Clicker; atMs: number; used: boolean }>();
  const open: OpenForm[] = [];

  function spend(id: unknown): Clicker {
    const trigger = typeof id === 'string' ? triggers.get(id) : undefined;
    if (trigger === undefined) throw new SlackError('invalid_trigger_id');
    if (trigger.used) throw new SlackError('exchanged_trigger_id');
    if (clock.now() - trigger.atMs > patienceMs) throw new SlackError('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }

  return {
    open,
    issueTrigger(user) {
      const id = `${clock.now()}.${clock.now()}.${randomBytes(16).toString('hex')}`;
      triggers.set(id, { user, atMs: clock.now(), used: false });
      return id;
    },
    openView({ trigger_id, view }) {
      const read = readView(view);
      const form = {
        id: `V${randomBytes(5).toString('hex')}`,
        user: spend(trigger_id),
        view: read,
      };
      open.push(form);
      return { view: shownView(form) };
    },
    submission(form, typed) {
      if (!open.includes(form)) throw new Error('Nobody can submit a form that is not open.');
      const { id, name, teamId = identity.teamId } = form.user;
      return {
        type: 'view_submission',
        team: { id: teamId, domain: identity.teamDomain },
        user: { id, username: name, name, team_id: teamId },
        api_app_id: identity.appId,
        token: 'deprecated',
        trigger_id: this.issueTrigger(form.user),
        view: { ...shownView(form), state: { values: valuesOf(form.view, typed) } },
        response_urls: [],
        is_enterprise_install: false,
        enterprise: null,
      };
    },
    answered(form, body) {
      const answer: unknown = body === '' ? {} : JSON.parse(body);
      const { response_action: action, view } = isObject(answer) ? answer : {};
      if (action === 'errors') return;
      open.splice(open.indexOf(form), 1);
      if (action === 'update') open.push({ ...form, view: readView(view) });
    },
  };
}

function shownView({ id, view }: OpenForm): Record<string, unknown> {
  return { ...view, id, team_id: identity.teamId, app_id: identity.appId, bot_id: identity.botId };
}

/** What stands in the inputs, as Slack hands it over: by block and action. */
function valuesOf({ blocks }: View, typed: Readonly<Record<string, string>>) {
  const inputs = blocks.filter(({ type }) => type === 'input');
  return Object.fromEntries(
    inputs.map(({ block_id, element, optional }) => {
      const { action_id: action, type, max_length: max } = element as Record<string, unknown>;
      const value = typed[String(action)] ?? null;
      if (value === null && optional !== true) throw new Error(`${action} has to be filled in.`);
      if (typeof max === 'number' && (value ?? '').length > max) {
        throw new Error(`${action} takes at most ${max} characters.`);
      }
      return [block_id, { [String(action)]: { type, value } }];
    }),
  );
}
