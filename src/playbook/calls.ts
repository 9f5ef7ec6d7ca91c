import { originOf, unlisted } from '../integrations/contract/allowed-host.js';
import type { ParsedPlaybook } from './parse.js';
import type { Policy } from './policy.js';
import type { PlaybookProblem } from './problem.js';
import { maxDocumentFaults } from './size-limits.js';

/** Steps that call a host which the policy does not allow: they could never be taken. */
export function callsElsewhere(
  parsed: readonly ParsedPlaybook[],
  { http }: Pick<Policy, 'http'>,
): PlaybookProblem[] {
  return parsed.flatMap(({ playbook, document }) =>
    playbook.steps
      .flatMap(({ action, params }, index) => {
        const { name, addressParam = '' } = action;
        const source = params[addressParam]?.source;
        if (typeof source !== 'string') return [];
        // scheme, host and port hold no expressions
        const origin = originOf(source.split('/').slice(0, 3).join('/')) ?? source;
        if (http.hosts.some((host) => host.origin === origin)) return [];
        return [{ path: ['steps', index, name, addressParam], origin }];
      })
      .slice(0, maxDocumentFaults)
      .map(({ path, origin }) => {
        const place = `steps[${path[1]}].${path[2]}.${path[3]}`;
        return document.problem({ path }, `${place}: ${unlisted(origin)}`);
      }),
  );
}
