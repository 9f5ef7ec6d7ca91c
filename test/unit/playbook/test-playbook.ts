import { parseMatchers } from '../../../src/alertmanager/matcher.js';
import { sourcesOf } from '../../../src/alertmanager/source.js';
import { compileExpression } from '../../../src/playbook/expression.js';
import type { Playbook } from '../../../src/playbook/playbook.js';

/** A playbook that matches what `match` says and does nothing. */
export function testPlaybook(
  name: string,
  match: string,
  rest: Partial<Omit<Playbook, 'when'>> & { readonly when?: string } = {},
): Playbook {
  const { when, ...others } = rest;
  return {
    name,
    summary: '',
    owner: undefined,
    file: `${name}.yaml`,
    hash: '',
    text: '',
    match: parseMatchers(match),
    sources: sourcesOf(),
    saysSource: false,
    when: when === undefined ? undefined : compileExpression(when),
    mode: 'auto',
    continue: false,
    ignore: false,
    steps: [],
    guards: { cooldownMs: 0, limits: [] },
    escalate: { channel: undefined, afterMs: undefined, tiers: undefined },
    ...others,
  };
}
