import { isCall, type Source, sources } from '../../alertmanager/source.js';
import type { ParsedPlaybook } from '../parse.js';
import type { Playbook } from '../playbook.js';
import type { PlaybookProblem } from '../problem.js';

/**
 * Playbooks that tell calls by the label `command`, which an alert may carry too: those that do not say
 * `source` take no calls, and those that say other callers take nothing.
 */
export function callsLabel(parsed: readonly ParsedPlaybook[]): PlaybookProblem[] {
  return parsed.flatMap(({ playbook, document }) => {
    const callers = callersMatched(playbook);
    if (callers === undefined) return [];
    if (!playbook.saysSource) {
      if (callers.length === 0) return [];
      const source = callers.length === 1 ? callers[0] : 'command';
      const message = `matches by the label command, which any alert may have, but accepts no calls: add "source: ${source}"`;
      return [document.problem({ path: ['match'], onKey: true }, message)];
    }
    const taken = [...playbook.sources];
    if (!taken.every((source) => isCall(source))) return [];
    if (taken.some((source) => callers.includes(source))) return [];
    const message = `never reached: calls of ${taken.join(', ')} have that name in the label command, and "match" excludes it`;
    return [document.problem({ path: ['source'] }, message)];
  });
}

/** The callers whose label `command` the matchers take; `undefined`: they do not ask for one. */
function callersMatched({ match }: Playbook): readonly Source[] | undefined {
  const about = match.filter(({ name }) => name === 'command');
  if (about.every((matcher) => matcher.matches({}))) return undefined;
  return sources
    .filter(isCall)
    .filter((source) => about.every((matcher) => matcher.matches({ command: source })));
}
