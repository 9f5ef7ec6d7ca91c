import { parseDuration } from '../lib/duration.js';
import { messageOf } from '../lib/errors.js';
import type { Labels } from './described-service.js';
import { scrapePrefix } from './label-names.js';
import type { MonitoringFault, Scrape } from './monitoring.js';
import { shown } from './shown.js';

/** The labels by what they give. Ours comes first and wins over that of Docker Flow. */
const names = {
  port: ['jidoka.scrape.port', 'com.df.scrapePort'],
  path: ['jidoka.scrape.path', 'com.df.metricsPath'],
  interval: ['jidoka.scrape.interval', 'com.df.scrapeInterval'],
  timeout: ['jidoka.scrape.timeout', 'com.df.scrapeTimeout'],
  scheme: ['jidoka.scrape.scheme'],
  network: ['jidoka.scrape.network', 'com.df.scrapeNetwork'],
} as const;

const ours: readonly string[] = Object.values(names).map(([name]) => name);

/** What Prometheus waits for an answer where nothing else is set. */
const defaultTimeout = '10s';

/** Whether a service asks to be scraped. */
export function isScraped(labels: Labels): boolean {
  return names.port.some((name) => labels[name] !== undefined);
}

/** Reads how a service is scraped; `undefined`: it is not, or a label about it is not valid. */
export function readScrape(labels: Labels): {
  readonly scrape: Scrape | undefined;
  readonly faults: readonly MonitoringFault[];
} {
  const faults: string[] = [];
  const read = (of: readonly string[]) => of.find((name) => labels[name] !== undefined);

  function value<Value>(
    of: readonly string[],
    expected: string,
    parse: (text: string) => Value | undefined,
  ): Value | undefined {
    const name = read(of);
    if (name === undefined) return undefined;
    const text = labels[name] ?? '';
    const parsed = parse(text);
    if (parsed === undefined) {
      faults.push(`label ${name} is ${shown(text)}; expected ${expected}`);
    }
    return parsed;
  }

  const port = value(names.port, 'a port from 1 to 65535', (text) =>
    /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined,
  );
  const path = value(names.path, 'a path that begins with /', (text) =>
    /^\/[\x21-\x7e]*$/.test(text) ? text : undefined,
  );
  const interval = value(names.interval, 'a duration such as 15s', aDuration);
  const given = value(names.timeout, 'a duration such as 10s', aDuration);
  const scheme = value(names.scheme, 'http or https', (text) =>
    text === 'http' || text === 'https' ? text : undefined,
  );
  const network = value(names.network, 'the name of a network', (text) =>
    /^[\w][\w.-]*$/.test(text) ? text : undefined,
  );
  for (const name of Object.keys(labels)) {
    if (name.startsWith(scrapePrefix) && !ours.includes(name)) {
      faults.push(`unknown label ${name}; expected one of ${ours.join(', ')}`);
    }
  }
  const isAny = ours.some((name) => labels[name] !== undefined);
  if (isAny && read(names.port) === undefined) {
    faults.push('label jidoka.scrape.port is missing; set it to the port of the metrics');
  }
  if (interval !== undefined && given !== undefined && isLonger(given, interval)) {
    faults.push(
      `label ${read(names.timeout)} (${given}) is longer than label ${read(names.interval)} (${interval})`,
    );
  }
  if (port === undefined || faults.length > 0) {
    return { scrape: undefined, faults: faults.map((detail) => ({ about: 'scrape', detail })) };
  }
  // Prometheus drops a target whose timeout is longer than its interval
  const isShort = interval !== undefined && isLonger(defaultTimeout, interval);
  const timeout = given ?? (isShort ? interval : undefined);
  return { scrape: { port, path, interval, timeout, scheme, network }, faults: [] };
}

function isLonger(one: string, other: string): boolean {
  return parseDuration(one) > parseDuration(other);
}

function aDuration(text: string): string | undefined {
  return durationFault(text) === undefined && parseDuration(text) > 0 ? text : undefined;
}

/** Why a text is no duration; `undefined`: it is one. */
export function durationFault(text: string): string | undefined {
  try {
    parseDuration(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
