import { expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { labelFields } from '../../../src/playbook/label-fields.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';

/* The labels that a person is asked for who runs a playbook by hand. */

function fieldsOf(playbook: string, jobs?: string) {
  const { playbooks, problems } = parsePlaybookTexts(
    {
      files: [{ file: 'a.yaml', text: playbook }],
      policy: { file: 'policy.yaml', text: '' },
      ...(jobs && { jobs: { file: 'jobs.yaml', text: jobs, scripts: [] } }),
    },
    createOfflineRegistry(),
  );
  expect(problems).toEqual([]);
  const [only] = playbooks;
  if (only === undefined) throw new Error('expected a playbook');
  return labelFields(only);
}

const jobs = `
jobs:
  clean:
    image: alpine:3.22
    command: [clean]
    inputs:
      node: { type: node }
      days: { type: number, min: 1, max: 30, default: 7 }
      deep: { type: boolean, default: false }
      folder: { type: string, pattern: "/var/.*", default: /var/log }
    time_limit: 1m
`;

test('a label has the type of the input that it fills, and says where it is used', () => {
  const fields = fieldsOf(
    `
name: clean-disk
summary: Cleans.
match: [alertname = "DiskFull", instance != "", severity =~ "warning|critical"]
when: labels.env != "test"
steps:
  - swarm.job:
      job: clean
      with:
        node: "\${{ labels.instance }}"
        days: "\${{ int(labels.days) }}"
        folder: "/var/\${{ labels.dir }}"
`,
    jobs,
  );
  expect(fields).toEqual([
    { name: 'alertname', fixed: 'DiskFull', required: true, matchers: [], usedBy: [] },
    {
      name: 'instance',
      required: true,
      matchers: ['instance!=""'],
      usedBy: ['clean: node'],
      input: { type: 'node' },
    },
    {
      name: 'severity',
      required: true,
      matchers: ['severity=~"warning|critical"'],
      values: ['warning', 'critical'],
      usedBy: [],
    },
    { name: 'env', required: false, matchers: [], usedBy: [] },
    {
      name: 'days',
      required: true,
      matchers: [],
      usedBy: ['clean: days'],
      input: { type: 'number', min: 1, max: 30, default: 7 },
    },
    { name: 'dir', required: true, matchers: [], usedBy: ['clean: folder'] },
  ]);
});

test('a label that an expression asks about may be left out', () => {
  const fields = fieldsOf(`
name: scale
summary: Scales.
match: 'service != ""'
steps:
  - swarm.scale:
      service: "\${{ labels['service'] }}"
      by: "\${{ has(labels.by) ? int(labels.by) : ('step' in labels ? 2 : 1) }}"
`);
  expect(fields).toEqual([
    {
      name: 'service',
      required: true,
      matchers: ['service!=""'],
      usedBy: ['swarm.scale: service'],
    },
    { name: 'by', required: false, matchers: [], usedBy: ['swarm.scale: by'] },
    { name: 'step', required: false, matchers: [], usedBy: ['swarm.scale: by'] },
  ]);
});
