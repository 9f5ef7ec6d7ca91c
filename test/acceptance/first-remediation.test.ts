import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { blocksOf } from '../support/document.js';
import { eventually } from '../support/eventually.js';
import { startJidoka } from '../support/jidoka.js';
import { dockerClient } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

interface Runs {
  readonly items: readonly { readonly outcome?: { readonly kind: string } }[];
}
interface Escalations {
  readonly items: readonly { readonly choices: unknown }[];
}

/* The commands of the tutorial, one after the other, on a real Swarm. */

test('the first remediation goes as the tutorial says', async () => {
  const { dockerHost, image, prefix, nodeId } = usePart('docker');
  const name = `${prefix}tutorial`;
  const jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `tutorial-${randomUUID()}`,
    DOCKER_HOST: dockerHost,
    LOG_LEVEL: 'silent',
  });
  onTestFinished(async () => {
    await jidoka.stop();
  });
  const main = resolve('dist/main.js');
  const follow = async (text: string) => {
    const command = text
      .replaceAll('shop_web', name)
      .replace('nginx:alpine', `--constraint node.id==${nodeId} ${image} /bin/busybox sleep 86400`)
      .replaceAll('npx jidoka', `'${process.execPath}' '${main}'`);
    const env = { ...process.env, DOCKER_HOST: dockerHost, PORT: new URL(jidoka.url).port };
    const { stdout } = await promisify(execFile)('sh', ['-ec', command], { env });
    return stdout.replaceAll(name, 'shop_web');
  };
  const blocks = blocksOf('docs/tutorial/first-remediation.md');
  const [create, explain, fire, list, resolved, again, over, unknown, remove, ...rest] =
    blocks.flatMap(({ language, notRun, text }) =>
      language === 'sh' && notRun === undefined ? [text] : [],
    );
  expect(rest).toEqual([]);
  const replicas = async () =>
    (await dockerClient().getService(name).inspect()).Spec.Mode.Replicated.Replicas;

  await follow(create ?? '');
  const [answer = ''] = blocks.flatMap(({ language, text }) => (language === 'text' ? [text] : []));
  expect(await follow(explain ?? '')).toContain(answer);
  await follow(fire ?? '');
  await eventually('the service has two replicas', replicas, (count) => count === 2);
  expect(await follow(list ?? '')).toMatch(/shop_web +replicated +[12]\/2/);
  await follow(resolved ?? '');
  const ended = async () => (await jidoka.api<Runs>('runs')).items[0]?.outcome?.kind;
  await eventually('the run ends as done', ended, (kind) => kind === 'done');

  expect(await follow(again ?? '')).toContain('cooldown');
  await follow(over ?? '');

  expect(await follow(unknown ?? '')).toContain('no_match');
  const choices = async () => (await jidoka.api<Escalations>('escalations')).items[0]?.choices;
  await eventually('the button is offered', choices, (offered) =>
    JSON.stringify(offered).includes(`Scale ${name} 2 → 3`),
  );
  await follow(remove ?? '');
});
