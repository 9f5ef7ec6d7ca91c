// Tables of the reference that are generated from the code (`npm run generate`).

const groups = [
  ['Prometheus', (path) => /^\/(prometheus\/|api\/v1\/services)/.test(path)],
  ['Alertmanager, Slack, health', (path) => !path.startsWith('/api/v1/')],
  ['Alerts and runs', (path) => /^\/api\/v1\/(alerts|runs|explain)/.test(path)],
  ['Escalations', (path) => path.startsWith('/api/v1/escalations')],
  ['Playbooks and reports', (path) => /^\/api\/v1\/(playbooks|report)/.test(path)],
  ['Guards', (path) => /^\/api\/v1\/(pauses|blast-radius|breakers|targets)/.test(path)],
  ['Records', () => true],
];

/**
 * Lists the metrics of a registry, by name.
 *
 * @param metrics what `registry.getMetricsAsArray()` returns
 */
export function metricsTable(metrics) {
  const rows = [...metrics]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labelNames, help }) => [
      `\`${name}\``,
      type,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
  return table(['Metric', 'Type', 'Labels', 'Meaning'], rows);
}

/** Lists the routes of an OpenAPI document, in groups, with their parameters and answers. */
export function apiTables({ paths }) {
  const left = new Map(Object.entries(paths));
  return groups
    .map(([title, belongs]) => {
      const own = [...left].filter(([path]) => belongs(path));
      for (const [path] of own) left.delete(path);
      const rows = own.flatMap(([path, item]) =>
        ['get', 'post'].flatMap((method) => rowOf(path, method, item[method])),
      );
      return `### ${title}\n\n${table(['Route', 'Does', 'Query', 'Answers'], rows)}`;
    })
    .join('\n\n');
}

function rowOf(path, method, operation) {
  if (operation === undefined) return [];
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  return [
    [
      `\`${method.toUpperCase()} ${path}\``,
      operation.summary,
      query.map(({ name }) => `\`${name}\``).join(', '),
      Object.keys(operation.responses).join(', '),
    ],
  ];
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
