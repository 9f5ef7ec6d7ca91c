import type { Link } from '../../engine/proof/link.js';
import { linkTitles } from './service-words.js';

const marks = {
  yes: { sign: '✓', look: 'met', word: 'holds: ' },
  no: { sign: '✗', look: 'missed', word: 'does not hold: ' },
  not_checked: { sign: '–', look: 'soft', word: '' },
} as const;

/** The links of an alert's chain, each with a tick, what is missing, or why it was not checked. */
export function Chain({ links }: { readonly links: readonly Link[] }) {
  return (
    <ul class="clauses">
      {links.map((link) => {
        const { sign, look, word } = marks[link.state];
        return (
          <li class={look}>
            <span aria-hidden="true">{sign}</span>
            <span>
              <span class="unseen">{word}</span>
              <b>{linkTitles[link.name]}</b> <Detail link={link} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Detail({ link: { name, state, detail } }: { readonly link: Link }) {
  if (state === 'not_checked') return <span class="soft">not checked: {detail}</span>;
  if (name === 'playbook' && state === 'yes') {
    return <a href={`/playbooks/${encodeURIComponent(detail)}`}>{detail}</a>;
  }
  return detail;
}
