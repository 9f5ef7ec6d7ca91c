import { describe, expect, it } from 'vitest';
import { awsError } from '../../../../src/integrations/aws/auto-scaling-error.js';

/** What the SDK throws for an answer of AWS. */
function answered(name: string, httpStatusCode: number, message = 'said so'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

const kindOf = (error: unknown, effect: 'read' | 'change') =>
  awsError(error, { system: 'Auto Scaling', what: 'doing it', effect, needs: 'it' }).kind;

describe('sorting the errors of Auto Scaling', () => {
  it.each([
    ['Throttling', 400, 'busy', 'busy'],
    ['RequestLimitExceeded', 503, 'busy', 'busy'],
    ['SomethingNew', 400, 'invalid', 'invalid'],
    ['SomethingNew', 403, 'forbidden', 'forbidden'],
    ['ServiceUnavailable', 503, 'unavailable', 'unknown'],
    ['SomethingNew', 500, 'unavailable', 'unknown'],
  ] as const)('takes %s (%d) for %s on a read, %s on a change', (name, status, read, change) => {
    expect(kindOf(answered(name, status), 'read')).toBe(read);
    expect(kindOf(answered(name, status), 'change')).toBe(change);
  });

  it('takes an answer that cannot be understood for the worse', () => {
    expect(kindOf(new SyntaxError('not XML'), 'change')).toBe('unknown');
    expect(kindOf('text', 'change')).toBe('unknown');
  });

  it('says what was being done, and in which words it was refused', () => {
    const error = awsError(answered('Throttling', 400, 'Rate exceeded'), {
      system: 'Auto Scaling',
      what: 'reading',
      effect: 'read',
      needs: 'it',
    });
    expect(error.message).toBe('Auto Scaling: reading: Throttling: Rate exceeded');
  });
});
