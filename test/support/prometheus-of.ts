import { type HttpServer, startHttpServer } from './http-server.js';

/** An alerting rule, and the only series of its left side. */
export interface KnownRule {
  readonly alert: string;
  readonly expression: string;
  /** What is asked for as a line. */
  readonly line: string;
  readonly labels: Readonly<Record<string, string>>;
  valueAt(ms: number): number;
}

/**
 * A server that answers the questions of the evidence as Prometheus does, over hours that a test has no time to
 * wait for. Whether Jidoka reads a real one is tested with a real one.
 *
 * @param rules asked for again at each request
 */
export async function startPrometheusOf(rules: () => readonly KnownRule[]): Promise<HttpServer> {
  const server = await startHttpServer();
  server.answer = ({ path, body }, reply) => {
    const { pathname } = new URL(path, server.origin);
    const json = (data: unknown) => reply(200, JSON.stringify({ status: 'success', data }));
    if (pathname === '/api/v1/status/buildinfo') return json({ version: '3.5.0' });
    if (pathname === '/api/v1/rules') return json({ groups: [{ rules: rules().map(ruleOf) }] });
    if (pathname === '/api/v1/query_range')
      return json(matrixOf(rules(), new URLSearchParams(body)));
    return reply(404);
  };
  return server;
}

function ruleOf({ alert, expression }: KnownRule) {
  return { type: 'alerting', name: alert, query: expression, labels: {} };
}

function matrixOf(rules: readonly KnownRule[], asked: URLSearchParams) {
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(asked.get(name)));
  const result = rules
    .filter(({ line }) => line === asked.get('query'))
    .map(({ labels, valueAt }) => {
      const count = Math.round((Number(end) - Number(start)) / Number(step)) + 1;
      const values = Array.from({ length: count }, (_, index) => {
        const seconds = Number(start) + index * Number(step);
        return [seconds, String(valueAt(seconds * 1_000))];
      });
      return { metric: labels, values };
    });
  return { resultType: 'matrix', result };
}
