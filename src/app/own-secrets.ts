import type { Config } from './config.js';

/** Variables that hold secrets of libraries, such as the AWS SDK's. */
const otherSecrets = /(?:SECRET|TOKEN|PASSWORD|PASSWD|ACCESS_KEY)(?:_ID)?$/;

/**
 * Everything that the engine knows to be secret, for texts of others that it keeps: the log of a job may print
 * what it found.
 */
export function ownSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  const { slack, webhookToken, adminToken, viewerToken, auditKeys, redisUrl } = config;
  const { receivers } = config.dockerFlow.announcements;
  const addresses = [
    ...[redisUrl, ...config.alertmanagerUrls, ...config.prometheusUrls],
    ...Object.values(receivers).flatMap((some) => some.map(({ url }) => url)),
  ].flatMap((url) => passwordIn(url));
  const http = config.integrations.http as { readonly credentials?: Record<string, string> };
  const authorizations = Object.values(http?.credentials ?? {}).flatMap((value) => [
    value,
    value.replace(/^\S+\s+/, ''),
  ]);
  const others = Object.entries(env).flatMap(([name, value]) =>
    otherSecrets.test(name) ? [value] : [],
  );
  const all = [
    ...[slack.botToken, slack.signingSecret, slack.appToken, webhookToken, adminToken, viewerToken],
    config.prometheusToken,
    ...auditKeys,
    ...addresses,
    ...authorizations,
    ...others,
  ];
  return [
    ...new Set(all.filter((secret) => secret !== undefined && secret.length >= 6)),
  ] as string[];
}

function passwordIn(url: string | undefined): readonly string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}
