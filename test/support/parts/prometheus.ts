import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, untilReady } from '../../../src/local/child.js';
import { ensureProgram } from '../../../src/local/packages.js';
import { usePart } from '../parts.js';
import { answers, makeDir, onFreePort } from './place.js';

/** Paths of the programs that come with Prometheus. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** An alerting rule as Prometheus' rule files have it. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a Prometheus for one test reads, evaluates and tells. */
export interface PrometheusOptions {
  readonly rules: readonly Rule[];
  readonly alertmanagerUrl: string;
  /** Job name → `host:port` of what serves `/metrics`. */
  readonly scrape?: Readonly<Record<string, string>>;
  /** How often it scrapes and evaluates. */
  readonly evaluationIntervalMs: number;
  /** A rule file besides `rules`, which it reads again when it is told to. */
  readonly ruleFile?: string;
  /** Further scrape configurations, as its configuration has them. */
  readonly scrapeConfigs?: readonly object[];
  /** The port that an earlier one had; left out, a free one. */
  readonly port?: number;
}

/** Finds the programs, installing their package where needed. */
export async function findPrometheus(log: (line: string) => void): Promise<PrometheusPrograms> {
  const of = (program: string) => ensureProgram({ program, package: 'prometheus', log });
  return { prometheus: await of('prometheus'), promtool: await of('promtool') };
}

/** A real Prometheus for one test, on a loopback port. Stop it at the end. */
export async function startPrometheus(
  options: PrometheusOptions,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { prometheus } = usePart('prometheus');
  const dir = await makeDir('prometheus');
  const interval = `${options.evaluationIntervalMs}ms`;
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: [join(dir, 'rules.yml'), ...(options.ruleFile ? [options.ruleFile] : [])],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [new URL(options.alertmanagerUrl).host] }] }],
    },
    scrape_configs: [
      ...Object.entries(options.scrape ?? {}).map(([job, target]) => ({
        job_name: job,
        static_configs: [{ targets: [target] }],
      })),
      ...(options.scrapeConfigs ?? []),
    ],
  };
  // JSON is YAML
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config));
  const rules = { groups: [{ name: 'test', rules: options.rules }] };
  await writeFile(join(dir, 'rules.yml'), JSON.stringify(rules));

  return onFreePort(async (free) => {
    const port = options.port ?? free;
    const url = `http://127.0.0.1:${port}`;
    const child = startChild({
      command: [
        prometheus,
        `--config.file=${join(dir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-lifecycle',
        '--log.level=warn',
      ],
      deathSignal: 'SIGTERM',
      onLine: () => {},
    });
    await untilReady(child, {
      ready: () => answers(`${url}/-/ready`),
      timeoutMs: 30_000,
      failure: (detail) => new Error(`Prometheus did not start: it ${detail}`),
    });
    return { url, stop: () => child.stop(10_000) };
  });
}
