import type { Choice, Escalation } from '../../ledger/escalation.js';

/** What came of a person's answer. Exactly one answer to an escalation is `accepted`. */
export type AnswerResult =
  | { readonly kind: 'accepted'; readonly escalation: Escalation }
  /** Answered, withdrawn or expired before. */
  | { readonly kind: 'too_late'; readonly escalation: Escalation }
  /** The person may not decide this; `why` tells them so in a sentence. */
  | { readonly kind: 'not_allowed'; readonly why: string }
  /** It was right to ask, and could not be done; `why` says so in a sentence. Nothing was decided. */
  | { readonly kind: 'not_done'; readonly why: string }
  | { readonly kind: 'unknown_escalation' }
  | { readonly kind: 'unknown_choice'; readonly choices: readonly Choice[] };
