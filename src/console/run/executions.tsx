import { describeChange } from '../../integrations/operations.js';
import type { Run } from '../../ledger/run.js';
import { lengthInWords } from '../../lib/time.js';
import { Code } from '../components/code.js';
import { Section } from '../components/section.js';

/** What the jobs of a run printed and how they ended; nothing where it ran none. */
export function Executions({ run }: { readonly run: Run }) {
  const ran = run.attempts.flatMap(({ change, execution }) =>
    execution === undefined ? [] : [{ change, execution }],
  );
  if (ran.length === 0) return null;
  return (
    <Section id="output" title="Output">
      {ran.map(({ change, execution: { exitCode, node, image, tookMs, log } }, index) => (
        <div>
          <p>
            <b>{describeChange(change)}</b>:{' '}
            {exitCode === null ? 'no exit code' : `exit code ${exitCode}`}
            {node !== null && `, node ${node}`}
            {tookMs !== null && `, ${lengthInWords(tookMs)}`}
            <br />
            <span class="soft">{image}</span>
          </p>
          {log === null ? (
            <p class="soft">No output is kept.</p>
          ) : (
            <Code label={`Output of job ${index + 1}`} text={log.text} />
          )}
        </div>
      ))}
    </Section>
  );
}
