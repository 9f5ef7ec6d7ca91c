import { describe, expect, test } from 'vitest';
import {
  describeRedisFault,
  explainDenied,
  explainRefusal,
} from '../../../src/ledger/redis-refusal.js';

describe('what Redis refuses is explained', () => {
  test.each([
    [
      'MISCONF Errors writing to the AOF file: No space left on device',
      'it refuses writes: it could not write its append-only file (MISCONF, aof_last_write_status)',
    ],
    [
      "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
      'it refuses writes: its last snapshot to the disk failed (MISCONF, rdb_last_bgsave_status)',
    ],
    [
      "NOPERM User jd has no permissions to run the 'eval' command",
      'this user may not run eval (NOPERM)',
    ],
    ['NOPERM No permissions to access a key', "this user may not use the cell's keys (NOPERM)"],
    [
      "ERR The user executing the script can't run this command or subcommand script: 1f",
      'this user may not do what the work needs (NOPERM)',
    ],
    ["ERR unknown command 'EVALSHA', with args beginning with: 'a' ", 'it does not know evalsha'],
    [
      'LOADING Redis is loading the dataset in memory',
      'it refuses what the work needs: LOADING Redis is loading the dataset in memory',
    ],
  ])('%s', (answer, text) => {
    expect(explainRefusal(answer).text).toBe(text);
    expect(explainRefusal(answer).advice).toMatch(/^\S.*[^.]$/);
  });
});

test('of many commands the first are named', () => {
  const { text } = explainDenied('A B C D E F G H I J'.split(' '));
  expect(text).toBe('this user may not run a, b, c, d, e, f, g, h and 2 more (NOPERM)');
});

test('a fault of Redis names the variable, and no other fault is taken for one', () => {
  const reply = Object.assign(
    new Error("OOM command not allowed when used memory > 'maxmemory'."),
    {
      name: 'ReplyError',
    },
  );
  expect(describeRedisFault(reply)).toBe(
    'Redis (REDIS_URL) cannot be used: it refuses writes: its memory is full (OOM). Raise its maxmemory, or remove what else is stored in it.',
  );
  expect(describeRedisFault(new Error('Connection is closed.'))).toBe(
    'Redis (REDIS_URL) does not answer: Connection is closed.',
  );
  expect(describeRedisFault(new Error('a playbook is wrong'))).toBeUndefined();
});
