import { say } from './say.js';

interface Shown {
  readonly type: string;
  readonly text?: string | { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly Shown[];
  readonly action_id?: string;
}

/** The buttons of a message. */
export function buttons(blocks: unknown): { text: string; actionId: string }[] {
  return (blocks as readonly Shown[])
    .flatMap(({ elements }) => elements ?? [])
    .flatMap((element) =>
      element.type === 'button' && element.action_id !== undefined
        ? [{ text: textOf(element), actionId: element.action_id }]
        : [],
    );
}

/** Draws a message as text. */
export function showMessage(blocks: unknown): void {
  say('                ┌──────────────────────────────────────────────────────────');
  for (const block of blocks as readonly Shown[]) {
    const texts =
      block.type === 'actions'
        ? [
            buttons([block])
              .map(({ text }) => `[${text}]`)
              .join(' '),
          ]
        : [
            textOf(block),
            ...(block.fields ?? []).map(({ text }) => text),
            ...(block.elements ?? []).map(textOf),
          ];
    for (const line of texts.filter(Boolean).join('\n').split('\n'))
      say(`                │ ${line}`);
  }
  say('                └──────────────────────────────────────────────────────────');
}

/** A block's text as Slack shows it: a date token by the words after its bar. */
function textOf({ text }: Shown): string {
  const raw = typeof text === 'string' ? text : (text?.text ?? '');
  return raw.replace(/<!date\^[^|]*\|([^>]*)>/g, '$1');
}
