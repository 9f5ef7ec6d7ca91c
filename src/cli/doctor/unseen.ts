import type { Readiness } from '../../api/health.js';
import type { Environment } from '../../integrations/contract/settings.js';
import { integrations } from '../../integrations/registry.js';
import { type Finding, note, type Section, warning } from '../../lib/finding.js';
import { createEngineClient } from '../engine-client.js';
import { engineUrl } from './engine.js';

/** Systems that an engine tells of, by the name of its check: the section about them, and what names them here. */
const systems = [
  ...integrations.flatMap(({ name: check, title: section, variable: setting }) =>
    setting === undefined ? [] : [{ check, section, setting }],
  ),
  { check: 'slack_socket', section: 'Slack', setting: 'SLACK_BOT_TOKEN' },
];

/**
 * Adds a warning for each system that the engine uses and the doctor did not look at, since it is not set
 * in the environment it was called with. A local Docker that is no manager is then no fault: the engine
 * uses another one. Nothing changes where no engine answers.
 */
export async function addUnseen(
  sections: readonly Section[],
  options: {
    readonly env: Environment;
    readonly listen: string;
    readonly port: number;
    readonly timeoutMs: number;
  },
): Promise<readonly Section[]> {
  const candidates = systems.filter(({ section, setting }) => {
    const [first, ...others] = sections.find(({ name }) => name === section)?.findings ?? [];
    if (first === undefined || others.length > 0) return false;
    return first.level === 'note' || (first.level === 'wrong' && !options.env[setting]);
  });
  if (candidates.length === 0 || options.port === 0) return sections;
  const url = engineUrl(options);
  const checks = await readChecks(url, options.timeoutMs);
  const unseen = candidates.filter(({ check }) => checks[check]?.ok === true);
  const warnings = unseen.map(({ section, setting }) =>
    warning(
      `the engine at ${url} uses ${section}; the doctor did not look at it, because ${setting} is not set here`,
      'what is wrong there is not known',
      `run the doctor with the environment of the engine: set ${setting} here too`,
    ),
  );
  return sections.map(({ name, findings }) => {
    if (name === 'Engine') return { name, findings: [...findings, ...warnings] };
    const isUnseen = unseen.some(({ section }) => section === name);
    return { name, findings: isUnseen ? findings.map(asNote) : findings };
  });
}

/** Nothing where no engine answers; the section about the engine says that. */
async function readChecks(url: string, timeoutMs: number): Promise<Partial<Readiness['checks']>> {
  const engine = createEngineClient({ url, adminToken: undefined, timeoutMs });
  return engine.readiness().then(
    ({ checks }) => checks,
    () => ({}),
  );
}

function asNote({ text }: Finding): Finding {
  return note(text);
}
