import type { Labels } from '../../alertmanager/alert.js';
import { findValue } from '../../alertmanager/matcher-values.js';
import { createLibrary } from '../library.js';
import type { ParsedPlaybook } from '../parse.js';
import type { Playbook } from '../playbook.js';
import type { PlaybookProblem } from '../problem.js';
import { implies } from './overlap.js';

/** Playbooks that never get an alert, because an earlier one surely takes all that they match. */
export function shadowed(parsed: readonly ParsedPlaybook[]): PlaybookProblem[] {
  const playbooks = parsed.map(({ playbook }) => playbook);
  const library = createLibrary(playbooks.filter(isTaker));
  const order = new Map(playbooks.map((playbook, index) => [playbook, index]));
  const exampleOf = createExamples();
  const problems: PlaybookProblem[] = [];
  for (const [own, { playbook, document }] of parsed.entries()) {
    // a playbook that takes all that it matches takes this one alert too
    const example = exampleOf(playbook);
    const takers = example === undefined ? library.playbooks : library.candidates(example);
    const taker = takers.find(
      (other) => (order.get(other) ?? own) < own && implies(playbook, other),
    );
    if (taker === undefined) continue;
    const message = `never reached: ${taker.name} (${taker.file}) comes first and matches every alert of this playbook; set "continue: true" there, or move this playbook before it`;
    problems.push(document.problem({ path: ['match'], onKey: true }, message));
  }
  return problems;
}

function isTaker(playbook: Playbook): boolean {
  return !playbook.continue && playbook.mode !== 'shadow';
}

/** Finds the labels of an alert that fulfils all matchers of a playbook; `undefined` where that takes too long. */
function createExamples() {
  const known = new Map<string, string | undefined>();
  return function exampleOf({ match }: Playbook): Labels | undefined {
    const labels = new Map<string, string>();
    for (const name of new Set(match.map((matcher) => matcher.name))) {
      const about = match.filter((matcher) => matcher.name === name);
      const [only] = about;
      if (only?.op === '=' && about.length === 1) {
        labels.set(name, only.value);
        continue;
      }
      const key = about.map(({ op, value }) => JSON.stringify([op, value])).join();
      if (!known.has(key)) {
        const found = findValue(about);
        known.set(key, found.kind === 'value' ? found.value : undefined);
      }
      const value = known.get(key);
      if (value === undefined) return undefined;
      labels.set(name, value);
    }
    return Object.fromEntries(labels);
  };
}
