import { messageOf } from '../../lib/errors.js';
import { type Finding, note, ok, wrong } from '../../lib/finding.js';
import { createPrometheus } from '../../prometheus/prometheus.js';

/** Looks at each Prometheus: whether it answers, and whether Jidoka may read its rules. */
export async function examinePrometheuses({
  urls,
  token,
  timeoutMs,
}: {
  readonly urls: readonly string[];
  readonly token: string | undefined;
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  if (urls.length === 0) {
    return [note('PROMETHEUS_URL is not set: escalations and runs do not show the metric')];
  }
  const findings = await Promise.all(urls.map((url) => examineOne(url, token, timeoutMs)));
  return findings.flat();
}

async function examineOne(
  url: string,
  token: string | undefined,
  timeoutMs: number,
): Promise<Finding> {
  const prometheus = createPrometheus({ url, token, timeoutMs });
  try {
    const version = await prometheus.version();
    // no rule has this name; whether the list may be read is what counts
    await prometheus.alertingRules('JidokaDoctor');
    return ok(`version ${version} at ${prometheus.name}, rules readable`);
  } catch (error) {
    return wrong(
      messageOf(error),
      'escalations and runs do not show the metric of their alert',
      'check that it runs, and PROMETHEUS_URL (http://host:9090, several with commas between them)',
    );
  }
}
