import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openApiDocument } from '../../src/api/openapi.js';
import { approversField } from '../../src/playbook/approvers.js';
import { slackScopes } from '../../src/slack/scopes.js';

interface Manifest {
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly interactivity: { readonly is_enabled: boolean; readonly request_url?: string };
    readonly socket_mode_enabled: boolean;
  };
}

const text = await readFile('docs/how-to/slack.md', 'utf8');
const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => parse(yaml));
const manifests = blocks.filter((block) => 'oauth_config' in block) as Manifest[];
const [socket, http] = manifests;

test('there are two manifests, which differ in nothing but the way of the clicks', () => {
  expect(manifests).toHaveLength(2);
  const alike = ({ settings, ...rest }: Manifest) => ({
    ...rest,
    settings: { ...settings, interactivity: { is_enabled: true }, socket_mode_enabled: false },
  });
  expect(manifests.map(alike)).toEqual([
    alike(manifests[0] as Manifest),
    alike(manifests[0] as Manifest),
  ]);
  expect(socket?.settings).toMatchObject({
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  });
  expect(http?.settings.socket_mode_enabled).toBe(false);
});

test('the address for clicks is that of the route', () => {
  const url = new URL(http?.settings.interactivity.request_url ?? '');
  expect(url.protocol).toBe('https:');
  expect(Object.keys(openApiDocument().paths)).toContain(url.pathname);
});

test('the scopes of the manifests are those that the engine needs, and are explained', () => {
  const needed = slackScopes.map(({ scope }) => scope);
  expect(socket?.oauth_config.scopes.bot).toEqual(needed);
  for (const scope of needed) {
    expect(text).toMatch(new RegExp(`^\\| .*\`${scope}\`.* \\|`, 'm'));
  }
});

test('the approvers that are shown are approvers', () => {
  const [shown] = blocks.filter((block) => 'approvers' in block);
  expect(approversField.parse(shown.approvers)).toEqual(shown.approvers);
});

test.each([
  ['src/app/connections.ts', 'buttons do not work: set SLACK_SIGNING_SECRET or SLACK_APP_TOKEN'],
  ['src/slack/interactions.ts', 'click refused: SLACK_SIGNING_SECRET is not set'],
  ['src/slack/interactions.ts', 'click refused: signature'],
  ['src/slack/socket.ts', 'Slack socket not connected'],
  ['src/slack/deciders.ts', 'Jidoka could not check whether you may decide'],
  ['src/slack/interaction.ts', 'Jidoka could not record your click'],
  ['src/slack/interaction.ts', 'Jidoka could not open the form'],
])('%s says what the page says that it does: %s', async (file, message) => {
  expect(text).toContain(message);
  expect(await readFile(file, 'utf8')).toContain(message);
});
