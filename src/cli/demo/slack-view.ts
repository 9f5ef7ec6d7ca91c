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
            ...(block.fields ?? []).map((field) => rendered(field.text).replace('\n', ': ')),
            ...(block.elements ?? []).map(textOf),
          ];
    for (const line of texts.filter(Boolean).join('\n').split('\n'))
      say(`                │ ${line}`);
  }
  say('                └──────────────────────────────────────────────────────────');
}

function textOf({ text }: Shown): string {
  return rendered(typeof text === 'string' ? text : (text?.text ?? ''));
}

/** Slack's mrkdwn as it is shown: dates and links by their words, bold and code without their marks. */
function rendered(mrkdwn: string): string {
  return mrkdwn
    .replace(/<!date\^[^|]*\|([^>]*)>/g, '$1')
    .replace(/<[^|>]+\|([^>]*)>/g, '$1')
    .replace(/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
