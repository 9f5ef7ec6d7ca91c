import type { Labels } from '../alertmanager/alert.js';
import type { Matcher } from '../alertmanager/matcher.js';
import { piecesOf } from '../alertmanager/regex-pieces.js';
import type { JobInput } from '../integrations/contract/job.js';
import type { Template } from './expression.js';
import type { Playbook, Step } from './playbook.js';

/** A label that a playbook asks for or reads, for people who run it by hand. */
export interface LabelField {
  readonly name: string;
  /** Set: its matchers take no other value. */
  readonly fixed?: string;
  /** It cannot be left out. */
  readonly required: boolean;
  /** The values that a matcher takes, where they are few. */
  readonly values?: readonly string[];
  /** The input of a job that gets it as it is. */
  readonly input?: JobInput;
  /** The matchers that it has to fulfil, save the one that fixes it. */
  readonly matchers: readonly string[];
  /** Where steps read it, such as `clean-disk: node`. */
  readonly usedBy: readonly string[];
}

/** Returns the labels that a playbook asks for in `match`, or reads in `when` and its steps, in that order. */
export function labelFields(playbook: Playbook): readonly LabelField[] {
  const { match, when, steps } = playbook;
  const fields = new Map<string, LabelField>();
  const change = (name: string, more: (known: LabelField) => Partial<LabelField>) => {
    const known = fields.get(name) ?? { name, required: false, matchers: [], usedBy: [] };
    fields.set(name, { ...known, ...more(known) });
  };
  for (const matcher of match) {
    const { name, op, value } = matcher;
    change(name, ({ matchers, required }) =>
      op === '=' && value !== ''
        ? { fixed: value, required: true }
        : {
            matchers: [...matchers, matcher.toString()],
            required: required || !matcher.matches({}),
            ...valuesOf(matcher),
          },
    );
  }
  for (const { name } of when?.reads ?? []) change(name, () => ({}));
  for (const { place, template, input } of steps.flatMap(placesOf)) {
    for (const { name, isWhole, isOptional } of template.reads) {
      change(name, ({ usedBy, required, input: known }) => {
        const typed = known ?? (isWhole ? input : undefined);
        return {
          usedBy: [...new Set([...usedBy, place])],
          required: required || !isOptional,
          ...(typed === undefined ? {} : { input: typed }),
        };
      });
    }
  }
  return [...fields.values()];
}

/**
 * Returns the labels of the alert of a run by hand: those that were given and are not empty, those that the
 * playbook takes with one value only, and a name.
 */
export function manualLabels(
  { name, match }: Pick<Playbook, 'name' | 'match'>,
  given: Labels,
): Labels {
  const fixed = match.filter(({ op, value }) => op === '=' && value !== '');
  return {
    alertname: name,
    ...Object.fromEntries(fixed.map((matcher) => [matcher.name, matcher.value])),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
  };
}

/** A list for people to choose from; longer ones are typed. */
const maxValues = 20;

function valuesOf({ op, value }: Matcher): Pick<LabelField, 'values'> {
  const pieces = op === '=~' ? piecesOf(value) : undefined;
  const isFew = pieces !== undefined && pieces.length <= maxValues;
  if (!isFew || pieces.some(({ at, text }) => at !== 'whole' || text === '')) return {};
  return { values: pieces.map(({ text }) => text) };
}

interface Place {
  readonly place: string;
  readonly template: Template;
  readonly input?: JobInput | undefined;
}

/** The parameters of a step that hold no others, each with the input of a job that it fills. */
function placesOf({ action, params, job }: Step): readonly Place[] {
  const title = job === undefined ? action.name : job.name;
  return Object.entries(params).flatMap(([param, template]) =>
    param === action.inputsParam
      ? [...(template.inner ?? [])].flatMap(([key, inner]) =>
          leavesOf(`${title}: ${String(key)}`, inner, job?.inputs[String(key)]),
        )
      : leavesOf(`${title}: ${param}`, template),
  );
}

function leavesOf(place: string, template: Template, input?: JobInput): readonly Place[] {
  if (template.inner === undefined) return [{ place, template, input }];
  return [...template.inner].flatMap(([key, inner]) => leavesOf(`${place}.${String(key)}`, inner));
}
