import { z } from 'zod';
import { sources } from '../../alertmanager/source.js';
import type { SimulatedKinds } from '../../integrations/contract/simulation.js';
import { durationField, labelsField, textField } from '../../lib/field.js';

/** Joins words: `effects, messages and runs`. */
const inSentence = new Intl.ListFormat('en-GB');

/** What an alert of a test waits for to resolve. */
export interface ResolvesWhen {
  /** The kind of the target, as its key in a test file: `services`. */
  readonly kind: string;
  readonly name: string;
  readonly reaches: number | undefined;
  readonly does: string | undefined;
  /** In milliseconds. */
  readonly after: number;
}

/** The schema of an alert over time. */
export function createAlertField(kinds: SimulatedKinds) {
  return z
    .strictObject({
      labels: labelsField.meta({
        description: 'The labels of the alert.',
        examples: [{ alertname: 'ServiceSlow', service: 'web' }],
      }),
      annotations: labelsField.default({}).describe('The annotations of the alert.'),
      source: z
        .enum(sources)
        .optional()
        .describe(
          'Its source. Default: alertmanager, or the caller in its label command. A call gets that label.',
        ),
      route: labelsField
        .optional()
        .describe("Labels of Alertmanager's route. Expressions read them as route."),
      fires: durationField.default(0).describe('When it starts to fire.'),
      repeats: durationField
        .optional()
        .describe('How often Alertmanager repeats it while it fires. Default: never.'),
      resolves: durationField
        .optional()
        .describe('When it resolves. Default: it fires until the end.'),
      resolves_when: createResolvesWhenField(kinds)
        .optional()
        .describe('Instead of resolves: the change that resolves the alert.'),
    })
    .refine((alert) => alert.resolves === undefined || alert.resolves_when === undefined, {
      error: 'expected only one of "resolves" and "resolves_when"',
    })
    .refine(({ fires, resolves }) => resolves === undefined || resolves > fires, {
      path: ['resolves'],
      error: 'expected a time after "fires": both count from the start of the test',
    });
}

/** An alert over time. */
export type TestAlert = z.output<ReturnType<typeof createAlertField>>;

function createResolvesWhenField(kinds: SimulatedKinds) {
  const all = Object.entries(kinds);
  const keys = all.map(([, kind]) => resolvesKey(kind));
  const calls = all.flatMap(([, { call }]) => call?.one ?? []);
  const words = all.flatMap(([, { call, operations }]) => (call === undefined ? operations : []));
  const names = all.map(([, kind]) => {
    const { one, call } = kind;
    const about =
      call === undefined
        ? { description: `The ${one} that has to converge.` }
        : { description: `The ${call.one} that needs an answer.`, examples: [call.example] };
    return [resolvesKey(kind), textField.optional().meta(about)] as const;
  });
  const quoted = (list: readonly string[]) => inSentence.format(list.map((key) => `"${key}"`));
  return z
    .strictObject({
      ...(Object.fromEntries(names) as Record<never, never>),
      reaches: z.int().min(0).optional().describe('The size that resolves the alert …'),
      does: z
        .enum(words.map(({ kind }) => kind))
        .optional()
        .describe('… or the change that resolves it.'),
      after: durationField
        .default(60_000)
        .describe('How long it takes to resolve after the target reached it.'),
    })
    .refine((when) => keys.filter((key) => Object.hasOwn(when, key)).length === 1, {
      error: `expected exactly one of ${quoted(keys)}`,
    })
    .refine(
      (when) =>
        ['reaches', 'does', ...calls].filter((key) => Object.hasOwn(when, key)).length === 1,
      { error: `expected exactly one of "reaches" and "does", and neither with ${quoted(calls)}` },
    )
    .transform(({ reaches, does, after, ...named }): ResolvesWhen => {
      const [[key, name] = ['', '']] = Object.entries<string>(named);
      const [kind = ''] = all.find(([, one]) => resolvesKey(one) === key) ?? [];
      return { kind, name, reaches, does, after };
    });
}

/** Returns the key by which `resolves_when` names targets of a kind. */
export function resolvesKey({ one, call }: SimulatedKinds[string]): string {
  return call?.one ?? one;
}
