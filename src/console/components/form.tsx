import type { Child } from 'hono/jsx';
import { csrfField } from '../csrf-field.js';

/** A form that changes something. `csrf`: of the visitor; empty before the sign-in. */
export function Form(props: {
  readonly action: string;
  readonly csrf: string;
  readonly inline?: boolean;
  readonly children?: Child;
}) {
  return (
    <form method="post" action={props.action} class={props.inline ? 'inline' : undefined}>
      {props.csrf !== '' && <input type="hidden" name={csrfField} value={props.csrf} />}
      {props.children}
    </form>
  );
}

/** The button that sends its form. `danger`: what it does is hard to take back. */
export function Button(props: {
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly quiet?: boolean;
  /** Keeps the focus where it is when the page is brought up to date. */
  readonly id?: string;
  readonly name?: string;
  readonly value?: string;
  readonly children?: Child;
}) {
  const { primary, danger, quiet, id, name, value, children } = props;
  const look = danger ? 'danger' : primary ? 'primary' : quiet ? 'quiet' : '';
  return (
    <button type="submit" id={id} class={`button ${look}`.trim()} name={name} value={value}>
      {children}
    </button>
  );
}

/** A line of text to fill in. `id` is its name in the form and has to be the only one on its page. */
export function Field(props: {
  readonly id: string;
  /** Its name in the form where the id is another. */
  readonly name?: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: 'text' | 'password' | 'search' | 'date' | 'number';
  readonly value?: string;
  readonly placeholder?: string;
  readonly maxlength?: number;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Of a number: `any` takes fractions, too. */
  readonly step?: 'any';
  readonly autocomplete?: string;
  readonly required?: boolean;
}) {
  const { id, name = id, label, hint, type = 'text', ...rest } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        {...rest}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

/** A choice of one of several. */
export function Select(props: {
  readonly id: string;
  readonly name?: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly value?: string;
}) {
  const { id, name = id, label, options, value } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  );
}
