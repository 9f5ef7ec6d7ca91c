import type { AnyAction } from './action.js';
import { TargetError } from './target-error.js';
import { withoutSecret } from './without-secret.js';

type Mask = (text: string) => string;

/** Taking out less than this would make texts unreadable. */
const shortestSecret = 4;

/**
 * What stays as it is: runs lock targets by their ids, the ledger compares versions, and what an action
 * observed for itself is recorded nowhere.
 */
const kept: ReadonlySet<string> = new Set(['kind', 'target', 'version', 'state']);

/**
 * The action with its secrets (`Action.secrets`) taken out of all that it gives back, answers and throws.
 * `connectAll` hands out no other, so that none reaches the ledger, the audit trail, messages or logs.
 */
export function masked(action: AnyAction): AnyAction {
  const { secrets, sequence, end, clear } = action;
  if (secrets === undefined) return action;

  function maskFor(params: unknown): Mask {
    const all = [...(secrets?.(params) ?? [])]
      .filter((secret) => secret.length >= shortestSecret)
      // the longest first, so that none is cut by a part of itself
      .sort((one, other) => other.length - one.length);
    return (text) => all.reduce(withoutSecret, text);
  }
  async function heard<Value>(params: unknown, call: () => Promise<Value>): Promise<Value> {
    try {
      return await call();
    } catch (error) {
      throw maskedError(error, maskFor(params));
    }
  }
  const said = async <Value>(params: unknown, call: () => Promise<Value>) =>
    maskedValue(await heard(params, call), maskFor(params));

  return {
    ...action,
    observe: (params) => said(params, () => action.observe(params)),
    plan: (params, ...rest) => maskedValue(action.plan(params, ...rest), maskFor(params)),
    planTo: (params, ...rest) => maskedValue(action.planTo(params, ...rest), maskFor(params)),
    apply(change, sending) {
      const mask = maskFor(sending.params);
      const answered = (text: string) => sending.answered(mask(text));
      return heard(sending.params, () => action.apply(change, { ...sending, answered }));
    },
    verify: (change, context) => said(context.params, () => action.verify(change, context)),
    ...(end && {
      end: {
        withinMs: end.withinMs,
        send: (change, context) => said(context.params, () => end.send(change, context)),
      },
    }),
    ...(clear && {
      clear: (change, context) => heard(context.params, () => clear(change, context)),
    }),
    ...(sequence && {
      sequence: {
        outline: (params, plan) => maskedValue(sequence.outline(params, plan), maskFor(params)),
        look: (context, ...rest) => heard(context.params, () => sequence.look(context, ...rest)),
        next: (context, ...rest) =>
          maskedValue(sequence.next(context, ...rest), maskFor(context.params)),
      },
    }),
  };
}

function maskedValue<Value>(value: Value, mask: Mask): Value {
  if (typeof value === 'string') return mask(value) as Value;
  if (Array.isArray(value)) return value.map((one) => maskedValue(one, mask)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) =>
    kept.has(key) ? [key, one] : [key, maskedValue(one, mask)],
  );
  return Object.fromEntries(entries) as Value;
}

function maskedError(error: unknown, mask: Mask): unknown {
  if (!(error instanceof Error)) return maskedValue(error, mask);
  const { cause } = error;
  const options = cause === undefined ? {} : { cause: maskedError(cause, mask) };
  const message = mask(error.message);
  if (error instanceof TargetError) return new TargetError(error.kind, message, options);
  const other = new Error(message, options);
  other.name = error.name;
  other.stack = mask(error.stack ?? message);
  return other;
}
