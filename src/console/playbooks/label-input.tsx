import type { JobInput } from '../../integrations/contract/job.js';
import type { LabelField } from '../../playbook/label-fields.js';
import { Field, Select } from '../components/form.js';

/** What the names of labels begin with in a form, so that none passes for another field. */
const prefix = 'label.';

/** Reads the labels among the fields of a form or an address. */
export function labelsIn(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const labels = Object.entries(fields).flatMap(([name, value]) =>
    name.startsWith(prefix) && typeof value === 'string'
      ? [[name.slice(prefix.length), value.trim()] as const]
      : [],
  );
  return Object.fromEntries(labels);
}

/** Labels as hidden fields of a form. */
export function HiddenLabels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(labels).map(([name, value]) => (
        <input type="hidden" name={`${prefix}${name}`} value={value} />
      ))}
    </>
  );
}

/** Asks for a label of a playbook that is run by hand, as the input is typed that it fills. */
export function LabelInput(props: {
  readonly field: LabelField;
  /** Tells it from the other fields of its page. */
  readonly id: string;
  /** Left out: the default of its input. */
  readonly value: string | undefined;
}) {
  const { field, id, value = defaultOf(field.input) } = props;
  const { name, required, input } = field;
  const hint = hintOf(field);
  const about = { id, name: `${prefix}${name}`, label: name };
  const values = choicesOf(field);
  if (values !== undefined) {
    const none = required ? [] : [{ value: '', text: 'none' }];
    const options = [...none, ...values.map((one) => ({ value: one, text: one }))];
    return <Select {...about} options={options} value={value} />;
  }
  const more = { ...about, required, value, ...(hint === '' ? {} : { hint }) };
  if (input?.type === 'number') {
    return <Field {...more} type="number" min={input.min} max={input.max} step="any" />;
  }
  const longest = input?.type === 'string' ? input.max_length : undefined;
  return <Field {...more} maxlength={Math.min(longest ?? maxLength, maxLength)} />;
}

/** The longest label that a run by hand may have. */
const maxLength = 1_000;

function choicesOf({ values, input }: LabelField): readonly string[] | undefined {
  if (input?.type === 'boolean') return ['true', 'false'];
  return (input?.type === 'string' ? input.values : undefined) ?? values;
}

function defaultOf(input: JobInput | undefined): string {
  return input?.default === undefined ? '' : String(input.default);
}

/** What it has to be, and what it is for. */
function hintOf({ input, matchers, usedBy }: LabelField): string {
  const about = [input?.summary, typeOf(input), ...matchers, ...usedBy];
  return about.filter((text) => text !== undefined && text !== '').join('; ');
}

function typeOf(input: JobInput | undefined): string {
  switch (input?.type) {
    case 'node':
      return "a node's host name, address or ID";
    case 'service':
      return 'the name of a service';
    case 'duration':
      return 'a duration such as 5m';
    case 'string':
      return input.pattern === undefined ? '' : `matches ${input.pattern}`;
    default:
      return '';
  }
}
