import { originOf } from '../target/http-address.js';
import { unlisted } from '../target/http-hosts.js';
import type { ParsedPlaybook } from './parse.js';
import type { Policy } from './policy.js';
import type { PlaybookProblem } from './problem.js';

/** Steps that call a host which the policy does not allow: they could never be taken. */
export function callsElsewhere(
  parsed: readonly ParsedPlaybook[],
  { http }: Pick<Policy, 'http'>,
): PlaybookProblem[] {
  return parsed.flatMap(({ playbook, document }) =>
    playbook.steps.flatMap(({ action, params }, index) => {
      const source = params.url?.source;
      if (action.name !== 'http.request' || typeof source !== 'string') return [];
      // scheme, host and port hold no expressions
      const origin = originOf(source.split('/').slice(0, 3).join('/')) ?? source;
      if (http.hosts.some((host) => host.origin === origin)) return [];
      const path = ['steps', index, action.name, 'url'];
      return [
        document.problem({ path }, `steps[${index}].${action.name}.url: ${unlisted(origin)}`),
      ];
    }),
  );
}
