import type { Labels } from '../alertmanager/alert.js';
import type { Target } from '../integrations/contract/change.js';
import type { Silence } from './alertmanager-silence.js';
import type { Miss } from './episode.js';
import type { PlaybookSuggestion } from './playbook-suggestion.js';
import type { Reason } from './reason.js';

/** One thing that a person may choose with a click. */
export interface Choice {
  /** Opaque and short; unique within its escalation. */
  readonly id: string;
  readonly label: string;
  readonly style: 'primary' | 'danger' | undefined;
  /** What a person is asked to confirm before, in a sentence; left out, one click does it. */
  readonly confirm?: string | undefined;
  /** How often the same change helped earlier alerts like this one, of how many times; left out: it never did. */
  readonly helped?: { readonly times: number; readonly of: number };
  readonly does:
    | {
        readonly kind: 'act';
        readonly action: string;
        readonly params: Readonly<Record<string, unknown>>;
        readonly target: Target;
        /** What else the run locks; left out, nothing. */
        readonly locks?: readonly Target[];
      }
    /** Undoes what a cancelled run changed. */
    | { readonly kind: 'undo'; readonly runId: string }
    | { readonly kind: 'approve' | 'deny' | 'acknowledge' | 'dismiss' }
    /** Has Alertmanager silence it for so long. */
    | { readonly kind: 'silence'; readonly ms: number }
    | { readonly kind: 'reset_blast_radius' }
    | { readonly kind: 'reset_breaker'; readonly playbook: string }
    /** Of a lesson: shows the playbook that would be made, or makes it. */
    | { readonly kind: 'draft' | 'learn' };
}

/** A person's answer. */
export interface Answer {
  readonly choiceId: string;
  readonly label: string;
  readonly by: string;
  /** Why, in the person's own words; left out where none were given. */
  readonly comment?: string;
  readonly atMs: number;
  /** The run that the answer started or let go on. */
  readonly runId: string | null;
}

/** Where its Slack message is. */
export interface PostedMessage {
  readonly channel: string;
  readonly ts: string;
}

/** Handing over to a person: a question (an unknown alert, a plan to approve), a report (a run that did not help), or an offer (a lesson). */
export interface Escalation {
  readonly id: string;
  readonly caseId: string;
  /** Later alerts about the same subject join it while it is open (hash); `null`: no one joins. */
  readonly subject: string | null;
  readonly kind: 'unmatched' | 'approval' | 'report' | 'lesson';
  readonly reason: Reason;
  /** One line: what is wrong. */
  readonly title: string;
  /** What was tried, planned or missed, in sentences. */
  readonly detail: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly links: readonly { readonly text: string; readonly url: string }[];
  readonly misses: readonly Miss[];
  readonly channel: string | undefined;
  /** Of a lesson alone: what can be learned. */
  readonly lesson?: PlaybookSuggestion;
  /** What it has in common with others that share a message (hash); left out: it has one of its own. */
  readonly group?: string;
  /** The thread that it is shown in; left out until its message is first looked at. */
  readonly thread?: string;
  /** The playbook it is about, whose tiers are told when no one answers. */
  readonly playbook?: string;
  /** No one will say whether what it is about has resolved. */
  readonly unverifiable?: true;
  /** `null` until the suggestions have been worked out from the cluster. */
  readonly choices: readonly Choice[] | null;
  /** The run it is about: the one to approve, the one that did not help, or the one that its answer started. */
  readonly runId: string | null;
  /** `open` until one answer wins; `withdrawn` when its alerts resolved first; `expired` when no one answered. */
  readonly state: 'open' | 'answered' | 'withdrawn' | 'expired';
  readonly answer: Answer | null;
  /** The silence that its answer asked for; left out, it asked for none. */
  readonly silence?: Silence;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly endedAtMs: number | null;
  /** The message that shows it with its buttons. */
  readonly posted: PostedMessage | null;
  /** When people were reminded that no one has answered. */
  readonly remindedAtMs?: number;
  /** To whom it was passed on because no one answered, the first tier first. */
  readonly passedOn?: readonly PassedOn[];
}

/** Whom a question was passed on to. */
export interface PassedOn {
  readonly atMs: number;
  /** `undefined`: the channel that it was in before. */
  readonly channel: string | undefined;
  /** Slack's ids of people (`U…`, `W…`) and of user groups (`S…`). */
  readonly mention: readonly string[];
}
