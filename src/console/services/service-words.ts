import type { LinkName } from '../../engine/proof/link.js';
import type { ProvenAlert, ProvenService } from '../../engine/proof/service-list.js';
import type { Tone } from '../components/badge.js';

/** What each link is called. */
export const linkTitles: Readonly<Record<LinkName, string>> = {
  scrape: 'Scraped',
  rule: 'Rule',
  route: 'Route',
  playbook: 'Playbook',
  target: 'Target',
  mode: 'Mode',
};

/** How the chain of an alert is, in a word, with the piece that is missing. */
export interface ChainStatus {
  readonly tone: Tone;
  readonly word: string;
  /** Empty where every link holds. */
  readonly missing: string;
}

/** A link that does not hold counts before one that was not checked. */
export function statusOf({ links }: Pick<ProvenAlert, 'links'>): ChainStatus {
  const broken = links.find(({ state }) => state === 'no');
  if (broken !== undefined) {
    return { tone: 'bad', word: 'Broken', missing: wordsOf(broken) };
  }
  const unchecked = links.find(({ state }) => state === 'not_checked');
  if (unchecked === undefined) return { tone: 'good', word: 'Proven', missing: '' };
  return { tone: 'calm', word: 'Not checked', missing: wordsOf(unchecked) };
}

function wordsOf({ name, detail }: ProvenAlert['links'][number]): string {
  return `${linkTitles[name]}: ${detail}`;
}

/** How a service is scraped: `port 8080, 2 targets`. */
export function scrapeOf({ scrape, targets }: ProvenService): string {
  if (scrape === undefined) return 'no';
  const count = targets.length === 1 ? '1 target' : `${targets.length} targets`;
  return `port ${scrape.port}${scrape.path ?? ''}, ${count}`;
}

/** The bounds in the labels of a service: `2 to 8`. */
export function boundsOf({ automation: { min, max } }: ProvenService): string {
  if (min === null && max === null) return 'none';
  if (min === null) return `at most ${max}`;
  return max === null ? `at least ${min}` : `${min} to ${max}`;
}

/** How far the labels of a service let playbooks go. */
export function modeOf({ automation: { enabled, mode } }: ProvenService): string {
  if (!enabled) return 'no changes (jidoka.enable is false)';
  return mode ?? 'as the playbook says';
}

/** Where the page of a service is. */
export function placeOf(name: string): string {
  return `/services/${encodeURIComponent(name)}`;
}
