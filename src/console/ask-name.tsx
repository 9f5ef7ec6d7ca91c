import { Button, Field, Form } from './components/form.js';
import { csrfField } from './csrf-field.js';
import { placeIn } from './place.js';
import { showPage } from './show.js';
import type { ConsoleContext, Visitor } from './visit.js';

/** The fields of a form that was sent again with a name. */
const nameField = 'visitor-name';
const cameFromField = 'came-from';

/** The longest name of a visitor. */
export const longestName = 80;

/** Reads a name that a visitor gives: not empty, and no longer than a line; `null`: it is none. */
export function nameIn(given: unknown): string | null {
  const name = typeof given === 'string' ? given.trim() : '';
  return name === '' || name.length > longestName ? null : name;
}

/** The name that came with a form, and where the form was sent from; `null`: it came without a name. */
export function givenName(
  form: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly cameFrom: string | undefined } | null {
  const name = nameIn(form[nameField]);
  if (name === null) return null;
  const from = form[cameFromField];
  return { name, cameFrom: typeof from === 'string' ? (placeIn(from) ?? undefined) : undefined };
}

/**
 * Asks for the name of a visitor before their first change: every decision is recorded with a name. The
 * form that they sent waits on this page and is sent again together with the name.
 */
export function askName(
  c: ConsoleContext,
  visitor: Visitor,
  form: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const referer = c.req.header('referer') ?? '';
  const from = URL.canParse(referer) ? new URL(referer) : null;
  const cameFrom = from?.host === c.req.header('host') ? `${from?.pathname}${from?.search}` : '';
  const kept = { ...form, [cameFromField]: cameFrom };
  const own: readonly string[] = [csrfField, nameField];
  const title = 'Set your name';
  return showPage(
    c,
    { title, live: false },
    <section class="card narrow">
      <h1>{title}</h1>
      <p>
        Jidoka records who decides. It keeps your name in this browser; nothing has been changed
        yet.
      </p>
      <Form action={c.req.path} csrf={visitor.csrf}>
        {Object.entries(kept)
          .filter(([name]) => !own.includes(name))
          .map(([name, value]) => (
            <input type="hidden" name={name} value={String(value)} />
          ))}
        <Field
          id={nameField}
          label="Your name"
          maxlength={longestName}
          autocomplete="username"
          required
        />
        <div class="row">
          <Button primary>Continue</Button>
          <a href="/">Cancel</a>
        </div>
      </Form>
    </section>,
  );
}
