import type { Labels } from '../alertmanager/alert.js';
import { targetLabels } from '../integrations/registry.js';
import type { Miss } from '../ledger/episode.js';
import type { Escalation } from '../ledger/escalation.js';
import { reasons } from '../ledger/reason.js';
import { type Block, context, fields, section, sectionRoom } from './blocks.js';
import { bold, code, linesWithin, mrkdwn, sizeOf } from './text.js';

/*
 * What a message says about the alert. Each function fills at most `max` characters, and says what
 * it left out.
 */

const maxLabels = 20;
const maxMisses = 3;
const longestLabelName = 80;
const longestLabelValue = 240;
const longestAnnotation = 1200;
const longestName = 100;
const longestUrl = 2000;

/** What a person looks for first, in this order; the others follow by name. */
const firstLabels = ['alertname', 'severity', ...targetLabels, 'instance', 'job'];
const firstAnnotations = ['summary', 'description', 'message'];

/** Why a person is asked: the reason with its details, or what was planned or tried. */
export function whyBlocks({ kind, reason, detail, runId }: Escalation, max: number): Block[] {
  const heading =
    kind === 'approval'
      ? '*Plan:*'
      : kind === 'report' && runId !== null
        ? '*Attempts:*'
        : `*Reason:* ${reasons[reason]}.`;
  const room = sectionRoom(max) - sizeOf(`${heading}\n`);
  return section(detail === '' || room < 1 ? heading : `${heading}\n${mrkdwn(detail, room)}`);
}

/** The playbooks that came nearest, and by what each missed; of no use once the question is closed. */
export function missBlocks({ misses, state }: Escalation, max: number): Block[] {
  if (misses.length === 0 || state !== 'open') return [];
  const lines = misses.slice(0, maxMisses).map(missLine);
  const heading = '*Nearest playbooks* (“Why?” shows all):';
  return section(within([heading, ...lines], max, 'playbooks'));
}

function missLine({ playbook, clause, actual, reason, missed }: Miss): string {
  const wanted = `• ${bold(playbook, longestName)}: expected ${code(clause, longestLabelValue)}`;
  const found = `${reason === 'expression_failed' ? 'which failed:' : 'got'} ${code(actual, longestLabelValue)}`;
  return `${wanted}, ${found}${missed > 1 ? ` (and ${missed - 1} more)` : ''}`;
}

/** The labels in two columns, and how many were left out. */
export function labelBlocks({ labels }: Escalation, max: number): Block[] {
  const names = ordered(labels, firstLabels);
  const shown: string[] = [];
  const blocks = (markups: readonly string[]) => {
    const left = names.length - markups.length;
    return [
      ...fields(markups),
      ...context(left === 0 ? '' : `… and ${left} more ${left === 1 ? 'label' : 'labels'}`),
    ];
  };
  for (const name of names.slice(0, maxLabels)) {
    const field = `${bold(name, longestLabelName)}\n${code(labels[name] ?? '', longestLabelValue)}`;
    if (sizeOf(blocks([...shown, field])) > max) break;
    shown.push(field);
  }
  return blocks(shown);
}

/** The annotations, the one that says what is wrong before the others; what is a link already is left to the links. */
export function annotationBlocks({ annotations, links }: Escalation, max: number): Block[] {
  const urls = new Set(links.map(({ url }) => url));
  const names = ordered(annotations, firstAnnotations).filter(
    (name) => annotations[name] !== '' && !urls.has(annotations[name] ?? ''),
  );
  const lines = names.map(
    (name) => `${bold(name, longestName)}: ${mrkdwn(annotations[name] ?? '', longestAnnotation)}`,
  );
  return section(within(lines, max, 'annotations'));
}

/** The links that can be followed. */
export function linkBlocks({ links }: Escalation, max: number): Block[] {
  const markups = links.flatMap(({ text, url }) => {
    const address = addressOf(url);
    const escaped = address?.replaceAll('&', '&amp;');
    return escaped === undefined ? [] : [`<${escaped}|${mrkdwn(text, longestName)}>`];
  });
  return section(within(markups, max, 'links', ' · '));
}

/** A page of the console, as a link where it is known how people reach the console, else in words alone. */
export function consoleLink(consoleUrl: string | undefined, path: string, words: string): string {
  const text = mrkdwn(words, longestName);
  return consoleUrl === undefined ? text : `<${consoleUrl}${path}|${text}>`;
}

function within(lines: readonly string[], max: number, what: string, separator = '\n'): string {
  return linesWithin(lines, sectionRoom(max), (count) => `… and ${count} more ${what}`, separator);
}

function ordered(labels: Labels, first: readonly string[]): string[] {
  const rank = (name: string) => {
    const index = first.indexOf(name);
    return index === -1 ? first.length : index;
  };
  return Object.keys(labels).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The address of a link, without a password; `undefined` for what is none, or too long to be kept whole. */
export function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.username = '';
  url.password = '';
  const address = url.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E');
  return address.length > longestUrl ? undefined : address;
}
