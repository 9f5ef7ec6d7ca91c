import type { PostedMessage } from './escalation.js';

/** Where the escalations of one Alertmanager group are shown: one message in a channel, the rest in its thread. */
export interface Thread {
  readonly id: string;
  /** What escalations have in common that share it; `null`: it is for one escalation alone. */
  readonly group: string | null;
  /** As it is configured; `undefined`: the default one. */
  readonly channel: string | undefined;
  readonly createdAtMs: number;
  /** The message that stands in the channel. */
  readonly root: PostedMessage | null;
  /** Where it was to go, and why it does not stand there. */
  readonly meantFor: { readonly channel: string; readonly code: string } | null;
  /** The messages in the channels of later tiers, by the number of the tier, from 0. */
  readonly tiers: Readonly<Record<string, PostedMessage>>;
  /** When people were last reminded of its open questions. */
  readonly remindedAtMs: number | null;
}

/** A thread as it was read, with its escalations. */
export interface StoredThread {
  readonly rev: number;
  readonly value: Thread;
  /** How many escalations have ever been part of it, and how many of them are open. */
  readonly members: number;
  readonly open: number;
}
