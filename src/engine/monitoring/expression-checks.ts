import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import { shortHash } from '../../lib/short-hash.js';
import type { Prometheus } from '../../prometheus/prometheus.js';

/** So many expressions are asked about in one look, and so many at once. */
const perLook = 500;
const atOnce = 4;

/** What Prometheus says about expressions of rules. */
export interface ExpressionChecks {
  /** Why Prometheus refuses an expression; `undefined`: it parses it, or was not asked yet. */
  refusalOf(expression: string): string | undefined;
  /**
   * Asks about the expressions that it was not asked about yet, and forgets those that are no longer used. Never
   * throws: a Prometheus that does not answer changes nothing, and is asked again in the next look.
   *
   * @returns whether one was refused
   */
  look(expressions: readonly string[]): Promise<boolean>;
}

/** Creates the checks. Each expression is parsed once, by the first Prometheus that answers. */
export function createExpressionChecks({
  prometheuses,
  log,
}: {
  readonly prometheuses: readonly Pick<Prometheus, 'parseFault'>[];
  readonly log: Pick<Logger, 'debug'>;
}): ExpressionChecks {
  /** By the hash of the expression; `null`: it is parsed. */
  let known = new Map<string, string | null>();
  /** The expressions that are all known. */
  let settled: readonly string[] | undefined;

  /** @throws what the last Prometheus throws where none answers. */
  async function ask(expression: string): Promise<string | null> {
    let fault: unknown;
    for (const prometheus of prometheuses) {
      try {
        return await prometheus.parseFault(expression);
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  return {
    refusalOf: (expression) =>
      known.size === 0 ? undefined : (known.get(shortHash(expression)) ?? undefined),

    async look(expressions) {
      if (prometheuses.length === 0 || settled === expressions) return false;
      const used = new Map(expressions.map((expression) => [shortHash(expression), expression]));
      known = new Map([...known].filter(([hash]) => used.has(hash)));
      const unknown = [...used].filter(([hash]) => !known.has(hash));
      const next = unknown.slice(0, perLook).values();
      let isRefused = false;
      let isAway = false;
      async function work(): Promise<void> {
        for (const [hash, expression] of next) {
          if (isAway) return;
          try {
            const refusal = await ask(expression);
            known.set(hash, refusal);
            isRefused ||= refusal !== null;
          } catch (error) {
            isAway = true;
            log.debug({ fault: messageOf(error) }, 'expressions not parsed by Prometheus');
          }
        }
      }
      await Promise.all(Array.from({ length: atOnce }, work));
      if (!isAway && unknown.length <= perLook) settled = expressions;
      return isRefused;
    },
  };
}
