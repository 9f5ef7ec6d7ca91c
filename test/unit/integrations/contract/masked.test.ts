import { describe, expect, it } from 'vitest';
import type { AnyAction } from '../../../../src/integrations/contract/action.js';
import { masked } from '../../../../src/integrations/contract/masked.js';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';

const secret = 'correct-horse';
const leak = `told ${secret} and ${encodeURIComponent(`${secret}!`)}`;
const target = { id: `test/${secret}`, name: 'web' };
const change = {
  kind: 'change',
  target,
  op: { kind: 'call', from: 'not_called', to: 'called', body: leak },
  version: secret,
} as const;

/** An action that repeats its secret wherever it says anything. */
const leaking = {
  name: 'test.leak',
  secrets: ({ name }: { readonly name: string }) => [name, 'abc'],
  observe: async () => ({ target, size: leak, unit: 'calls', version: secret, state: secret }),
  plan: () => change,
  planTo: () => ({ kind: 'refused', reason: 'unsupported', detail: leak }),
  async apply(_change: unknown, sending: { answered(text: string): void }) {
    sending.answered(leak);
    throw new TargetError('unknown', leak, { cause: new Error(leak) });
  },
  verify: async () => ({ kind: 'differs', observed: { image: leak }, detail: leak }),
  sequence: {
    outline: () => leak,
    async look() {
      throw new RangeError(leak);
    },
    next: () => ({ kind: 'failed', detail: leak }),
  },
} as unknown as AnyAction;

const action = masked(leaking);
const params = { name: secret };
const context = { params, key: 'run-1' };

describe('an action with secrets', () => {
  it('shows none in what it plans and sees, and changes no target and no version', async () => {
    const shown = 'told [secret] and [secret]!';
    expect(action.plan(params, {} as never, {} as never)).toEqual({
      ...change,
      op: { ...change.op, body: shown },
    });
    expect(action.planTo(params, {} as never, 1, {} as never)).toMatchObject({ detail: shown });
    expect(await action.observe(params)).toEqual({
      target,
      size: shown,
      unit: 'calls',
      version: secret,
      state: secret,
    });
    expect(await action.verify(change, context)).toEqual({
      kind: 'differs',
      observed: { image: shown },
      detail: shown,
    });
    expect(action.sequence?.outline(params, change)).toBe(shown);
    expect(action.sequence?.next(context, change, [], null)).toMatchObject({ detail: shown });
  });

  it('shows none in a plan, an answer and an error, its causes and its stack included', async () => {
    expect(action.planTo(params, {} as never, 1, {} as never)).toMatchObject({
      detail: 'told [secret] and [secret]!',
    });
    const answers: string[] = [];
    const answered = (text: string) => answers.push(text);
    const failed = await action.apply(change, { ...context, answered }).catch((error) => error);
    expect(answers).toEqual(['told [secret] and [secret]!']);
    expect(failed).toMatchObject({ name: 'TargetError', kind: 'unknown' });
    const looked = await action.sequence?.look(context, change, []).catch((error) => error);
    expect(looked).toMatchObject({ name: 'RangeError' });
    for (const error of [failed, failed.cause, looked]) {
      expect(`${error.message} ${error.stack}`).not.toContain(secret);
      expect(error.message).toContain('[secret]');
    }
  });

  it('leaves texts readable where a secret is too short to be one', () => {
    const shown = masked({
      ...leaking,
      plan: () => ({ ...change, op: { kind: 'x', abc: 'abc' } }),
    } as never);
    expect(shown.plan(params, {} as never, {} as never)).toMatchObject({ op: { abc: 'abc' } });
  });

  it('is as it was without any', () => {
    const { secrets: _, ...open } = leaking;
    expect(masked(open)).toBe(open);
  });
});
