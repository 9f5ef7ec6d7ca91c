import type { SimReply, SimSilence } from './http.js';

/** When a fault strikes. */
export interface FaultTiming {
  /** How many matching calls it strikes; 1 unless told. */
  readonly times?: number;
  /** Strike after the call took effect, so that only the answer is lost; unless told, nothing happens at all. */
  readonly afterApplying?: boolean;
}

/** A fault to come: which calls it strikes (`Where`), and what it gives instead of an answer. */
export type Fault<Where, Answer> = Where & FaultTiming & (Answer | SimSilence);

/** The faults waiting in one simulated API. */
export interface Faults<Where, Answer, Call> {
  /** Adds a fault; the oldest that matches a call strikes first. */
  failNext(fault: Fault<Where, Answer>): void;
  /** Answers a call with `apply`, or with the fault that strikes it, before or after `apply`. */
  around(call: Call, apply: () => SimReply): SimReply | SimSilence;
}

/**
 * Keeps faults until they have struck.
 *
 * @param options.hits whether a fault is meant for a call
 * @param options.answer the answer, in the API's own form, that a fault gives
 */
export function createFaults<Where, Answer, Call>(options: {
  readonly hits: (where: Where, call: Call) => boolean;
  readonly answer: (answer: Answer, call: Call) => SimReply;
}): Faults<Where, Answer, Call> {
  const waiting: { readonly fault: Fault<Where, Answer>; left: number }[] = [];

  function strike(call: Call): Fault<Where, Answer> | undefined {
    const entry = waiting.find(({ fault }) => options.hits(fault, call));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) waiting.splice(waiting.indexOf(entry), 1);
    return entry.fault;
  }

  function outcome(fault: Fault<Where, Answer>, call: Call): SimReply | SimSilence {
    const { hangMs } = fault as Partial<SimSilence>;
    return hangMs === undefined ? options.answer(fault as Answer, call) : { hangMs };
  }

  return {
    failNext(fault) {
      waiting.push({ fault, left: fault.times ?? 1 });
    },
    around(call, apply) {
      const fault = strike(call);
      if (fault === undefined) return apply();
      if (fault.afterApplying === true) apply();
      return outcome(fault, call);
    },
  };
}
