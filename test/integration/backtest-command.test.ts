import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeHistory, makePlaybooks } from '../../src/sim/history.js';
import { eventually } from '../support/eventually.js';
import { bodyOf, episodeOf, linesOf, writeFiles } from '../support/history.js';
import { runJidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* An operator who tries playbooks on what was received. */

const playbook = `
name: scale-up
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1 }
    settle: 2m
guards: { cooldown: 0 }
`;
const slow = (service: string) => ({ alertname: 'Slow', service });
const lines = linesOf(
  episodeOf(slow('web'), 0, 1),
  episodeOf(slow('db'), 10, 11),
  episodeOf({ alertname: 'Unknown' }, 20, 30),
);
let dir: string;

beforeAll(async () => {
  dir = await writeFiles({
    'history.jsonl': `${lines.join('\n')}\n`,
    'one/up.yaml': playbook,
    'two/up.yaml': playbook.replace('mode: auto', 'mode: approve'),
    'bad/up.yaml': playbook.replace('mode: auto', 'mode: soon'),
  });
  await writeFile(join(dir, 'history.jsonl.gz'), gzipSync(`${lines.join('\n')}\n`));
});

const backtest = (...args: string[]) => runJidoka(['backtest', ...args], {}, dir);
const one = ['--playbooks', 'one'];
const json = ['--output', 'json'];

describe('jidoka backtest', () => {
  test('says what is assumed, and what would have been done', async () => {
    const ran = await backtest('--history', 'history.jsonl', ...one);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const [head, assumed, alerts, playbooks] = ran.stdout.split('\n\n');
    expect(head).toBe(
      `Backtest of one on history.jsonl
  7 notifications, 3 alerts, 2026-01-31 08:00:00 UTC to 2026-01-31 08:30:00 UTC`,
    );
    expect(assumed).toMatch(/^Assumed\n {2}- Alerts fire and resolve when they did; whether/);
    expect(alerts).toBe(
      `3 alerts from firing until resolved
  acted        2  66.7 %
  to a person  1  33.3 %
  by no playbook: no_match 1`,
    );
    expect(playbooks).toBe(
      `Playbooks
  PLAYBOOK  MODE  ALERTS  RUNS  ASKED  CHANGES  WHAT ELSE
  scale-up  auto       2     2      0        2  ended: resolved 2`,
    );
    expect(ran.stdout).not.toContain('\u001b');
  });

  test('says the same to programs', async () => {
    const { stdout } = await backtest('--history', 'history.jsonl', ...one, ...json);
    expect(JSON.parse(stdout)).toMatchObject({
      history: 'history.jsonl',
      playbooks: 'one',
      assumed: expect.arrayContaining([expect.stringContaining('No answers')]),
      record: { notifications: 7, deliveries: 7, badLines: 0, interrupted: false },
      result: { alerts: 3, changes: 2, fates: { acted: 2, escalated: 1, held: 0 } },
    });
  });

  test('compares two sets, alert by alert', async () => {
    const sets = [...one, '--against', 'two'];
    const { stdout, code } = await backtest('--history', 'history.jsonl', ...sets);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Difference: 1 is one, 2 is two
  1 alert the same, 2 not

  2 alerts
    1  scale-up: acted (resolved)
    2  scale-up: asked a person (resolved)
       2026-01-31 08:00:00 UTC  Slow{service="web"}
       2026-01-31 08:10:00 UTC  Slow{service="db"}`,
    );
  });

  test('reads a packed file, standard input and bare bodies of webhooks alike', async () => {
    const whole = await backtest('--history', 'history.jsonl', ...one, ...json);
    const { result } = JSON.parse(whole.stdout);
    const packed = await backtest('--history', 'history.jsonl.gz', ...one, ...json);
    expect(JSON.parse(packed.stdout).result).toEqual(result);

    const child = spawn(
      process.execPath,
      ['dist/main.js', 'backtest', '--history', '-', '--playbooks', join(dir, 'one'), ...json],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    child.stdin.end(await readFile(join(dir, 'history.jsonl')));
    expect(JSON.parse(await text(child.stdout)).result).toEqual(result);

    const bodies = [
      ...episodeOf(slow('web'), 0, 1),
      ...episodeOf(slow('db'), 10, 11),
      ...episodeOf({ alertname: 'Unknown' }, 20, 30),
    ].map((delivered) => JSON.stringify(bodyOf(delivered)));
    await writeFile(join(dir, 'bodies.jsonl'), bodies.join('\n'));
    const bare = await backtest('--history', 'bodies.jsonl', ...one, ...json);
    expect(JSON.parse(bare.stdout).result).toMatchObject({ fates: { acted: 2, escalated: 1 } });
  });

  test('names a bad line, goes on, and ends with exit code 1', async () => {
    await writeFile(join(dir, 'broken.jsonl'), [lines[0], 'no', ...lines.slice(1)].join('\n'));
    const ran = await backtest('--history', 'broken.jsonl', ...one, ...json);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/^jidoka: broken\.jsonl: line 2: expected a JSON object: .*\n$/);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      record: { badLines: 1 },
      result: { alerts: 3 },
    });
  });

  test('replays a part of the record', async () => {
    const part = ['--since', '2026-01-31T08:05:00Z', '--until', '2026-01-31T08:15:00Z'];
    const { stdout } = await backtest('--history', 'history.jsonl', ...one, ...part, ...json);
    expect(JSON.parse(stdout).result).toMatchObject({ alerts: 1, fates: { acted: 1 } });
  });

  test('says that nothing was received, and that two sets differ in nothing but their changes', async () => {
    const late = await backtest(
      '--history',
      'history.jsonl',
      ...one,
      '--since',
      '2099-01-01T00:00:00Z',
    );
    expect(late.stdout).toContain('\n  nothing was received in that time\n');
    expect(late.stdout).not.toContain('TARGET');
    await mkdir(join(dir, 'more'));
    await writeFile(join(dir, 'more/up.yaml'), playbook.replace('by: 1', 'by: 2'));
    const both = await backtest('--history', 'history.jsonl', ...one, '--against', 'more');
    expect(both.stdout).toContain(
      '  3 alerts the same, 0 not\n  what differs is how much was changed, or when: see Targets of both\n',
    );
    const same = await backtest('--history', 'history.jsonl', ...one, '--against', 'one');
    expect(same.stdout).not.toContain('what differs');
  });

  test.each([
    [['--playbooks', 'one'], 2, /^jidoka: required option '--history <source>' not specified/],
    [
      ['--history', 'history.jsonl'],
      2,
      /^jidoka: required option '--playbooks <dir>' not specified/,
    ],
    [['--history', 'none.jsonl', ...one], 2, /none\.jsonl cannot be read: .*; expected a file/],
    [
      ['--history', 'one', ...one],
      2,
      /^jidoka: one cannot be read: it is a folder; expected a file/,
    ],
    [
      ['--history', 'history.jsonl', '--playbooks', 'none'],
      2,
      /^jidoka: none cannot be read: .*; expected a folder/,
    ],
    [
      ['--history', 'history.jsonl', ...one, '--policy', 'none.yaml'],
      2,
      /^jidoka: --policy: no such file or directory \(none\.yaml\)/,
    ],
    [
      ['--history', 'history.jsonl', ...one, '--since', '1h', '--until', '2h'],
      2,
      /^jidoka: --since: expected a time before --until, got "1h" and "2h"/,
    ],
    [['--history', 'history.jsonl', ...one, '--size', '11'], 2, /--size: .* within the bounds/],
    [['--history', 'history.jsonl', '--playbooks', 'bad'], 1, /bad: up\.yaml:5:7: .*jidoka check/],
    [
      ['--history', 'http://127.0.0.1:1', ...one],
      1,
      /no engine answers at http:\/\/127\.0\.0\.1:1/,
    ],
  ])('refuses %j with exit code %i', async (args, code, message) => {
    const ran = await backtest(...args);
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code, stdout: '' });
  });

  test('says how far it came when it is interrupted', async () => {
    const files = { ...Object.fromEntries(makePlaybooks()) };
    const playbooks = await writeFiles(files);
    const child = spawn(
      process.execPath,
      ['dist/main.js', 'backtest', '--history', '-', '--playbooks', playbooks, ...json],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    const exited = once(child, 'exit');
    let sent = 0;
    function* record() {
      for (const line of makeHistory({ alerts: 1_000_000, identities: 500, seed: 1 })) {
        sent += 1;
        // by then it reads: a pipe holds less
        if (sent === 1_000) child.kill('SIGINT');
        yield `${line}\n`;
      }
    }
    // it reads no further
    await expect(pipeline(Readable.from(record()), child.stdin)).rejects.toThrow();
    expect(await errors).toBe('');
    const { interrupted, notifications } = JSON.parse(await output).record;
    expect(interrupted).toBe(true);
    expect(notifications).toBeGreaterThan(0);
    expect(notifications).toBeLessThanOrEqual(sent);
    expect(await exited).toEqual([1, null]);
  });
});

describe('the record of a running engine', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());

  test('is replayed from its address: what was delivered, and what was made up', async () => {
    const tokens = { JIDOKA_WEBHOOK_TOKEN: 'hook', JIDOKA_ADMIN_TOKEN: 'admin' };
    const settings = { REDIS_URL: redis.url, JIDOKA_LISTEN: '127.0.0.1', LOG_LEVEL: 'silent' };
    const jidoka = await startJidoka({ ...settings, ...tokens });
    try {
      const env = { ...tokens, PORT: new URL(jidoka.url).port };
      for (const name of ['A', 'B']) await runJidoka(['fire', `alertname=${name}`], env);
      const args = ['backtest', '--history', jidoka.url, '--playbooks', join(dir, 'one'), ...json];
      const ran = await eventually(
        'both are on record',
        () => runJidoka(args, tokens),
        ({ stdout }) => JSON.parse(stdout).result.alerts === 2,
      );
      expect(JSON.parse(ran.stdout)).toMatchObject({
        history: jidoka.url,
        record: { notifications: 2, deliveries: 2 },
        result: { fates: { escalated: 2 } },
      });
      const stranger = await runJidoka(args, {});
      expect(stranger.stderr).toContain('answered 401');
      expect(stranger.code).toBe(1);
    } finally {
      await jidoka.stop();
    }
  });
});
