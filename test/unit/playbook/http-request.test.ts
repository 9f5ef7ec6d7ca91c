import { describe, expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { evaluateStep } from '../../../src/playbook/evaluate-step.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';
import { formatProblem } from '../../../src/playbook/problem.js';

const actions = createOfflineRegistry();
const policy = 'http: { hosts: [{ url: https://ci.example }] }\n';

function load(step: string, policyText = policy) {
  const text = `name: restart-job
summary: Has the job restart it.
match: alertname = "Slow"
steps:
  - http.request: ${step}
`;
  const files = [{ file: 'job.yaml', text }];
  const loaded = parsePlaybookTexts(
    { files, policy: { file: 'policy.yaml', text: policyText } },
    actions,
  );
  return { ...loaded, lines: loaded.problems.map((one) => formatProblem(one).split('\n')[0]) };
}

function evaluate(step: string, labels: Record<string, string>) {
  const { playbooks, lines } = load(step);
  expect(lines).toEqual([]);
  const [first] = playbooks[0]?.steps ?? [];
  if (first === undefined) throw new Error('there is no step');
  return evaluateStep(first, { labels, annotations: {}, worker_asg: '' });
}

describe('a step that calls an address', () => {
  test('gets it with what the alert says encoded', () => {
    const url = `"https://ci.example/job/\${{ labels.service }}?by=\${{ labels.team }}&a=b"`;
    const labels = { service: "we'b ?&#%", team: 'a/b&c=d' };
    expect(evaluate(`{ url: ${url} }`, labels)).toEqual({
      url: 'https://ci.example/job/we%27b%20%3F%26%23%25?by=a%2Fb%26c%3Dd&a=b',
      method: 'POST',
      timeout: '10s',
    });
  });

  test.each(['', '..', '.', '../admin', 'a\nb'])(
    'is not taken where an alert gives %j for a segment of the path',
    (service) => {
      const url = `"https://ci.example/job/\${{ labels.service }}/run"`;
      expect(() => evaluate(`{ url: ${url} }`, { service })).toThrow('http.request: url: ');
    },
  );

  test('gets a body whose values keep their types', () => {
    const body = `{ service: "\${{ labels.service }}", why: "slow: \${{ labels.service }}", times: 2, dry: false }`;
    const url = 'https://ci.example/';
    expect(evaluate(`{ url: "${url}", body: ${body} }`, { service: '", "dry": true' })).toEqual({
      url,
      method: 'POST',
      timeout: '10s',
      body: { service: '", "dry": true', why: 'slow: ", "dry": true', times: 2, dry: false },
    });
  });

  test.each([
    [`{ url: "\${{ annotations.url }}" }`, /^job.yaml:5:\d+: .*who is called/],
    [`{ url: "https://\${{ labels.host }}/a" }`, /^job.yaml:5:38: .*who is called/],
    [`{ url: "https://ci.example/?\${{ labels.a }}=1" }`, /^job.yaml:5:50: .*name parameters/],
    [`{ url: "https://ci.example/a/../\${{ labels.a }}" }`, /as it is sent: .*\/x/],
    [`{ url: "https://ada:pw@ci.example/\${{ labels.a }}" }`, /no name and no password/],
    ['{ url: "https://ci.example/", method: DELETE }', /POST.*PUT.*GET/],
    ['{ url: "https://ci.example/", method: GET, body: { a: 1 } }', /no body: the method is GET/],
    ['{ url: "https://ci.example/", timeout: 30s }', /from 1s to 20s/],
    ['{ url: "https://ci.example/", timeout: 10 }', /timeout/],
    ['{ url: "https://ci.example/", body: { a: [1] } }', /^job.yaml:5:\d+: .*body\.a/],
    ['{ url: "https://ci.example/", body: all }', /body/],
    ['{ url: "https://ci.example/", uri: 1 }', /unknown key "uri"/],
    ['{ body: { a: 1 } }', /url/],
  ])('is found at fault when it is loaded: %s', (step, line) => {
    expect(load(step).lines).toEqual([expect.stringMatching(line)]);
  });

  test.each([
    ['another host', 'https://other.example/'],
    ['another port', 'https://ci.example:8443/'],
    ['another scheme', 'http://ci.example/'],
    ['a host whose name only begins alike', 'https://ci.example.evil.example/'],
    ['another host, with an expression', `https://other.example/\${{ labels.service }}`],
  ])('is found at fault where it names %s than the policy allows', (_, url) => {
    expect(load(`{ url: "${url}" }`).lines).toEqual([
      expect.stringMatching(
        /^job.yaml:5:\d+: steps\[0\]\.http\.request\.url: .* is not among the hosts/,
      ),
    ]);
  });

  test('is found at fault where the policy allows no host', () => {
    expect(load('{ url: "https://ci.example/" }', '').lines).toHaveLength(1);
  });
});

test.each([
  ['{ url: https://ci.example/job }', /scheme, host and port alone: https:\/\/ci\.example/],
  ['{ url: "https://*.example" }', /without wildcards/],
  ['{ url: https://ci.example, authorization: REDIS_URL }', /begins with JIDOKA_HTTP_/],
  ['{ url: https://ci.example, authorization: JIDOKA_HTTP_CI_FILE }', /begins with JIDOKA_HTTP_/],
  ['{ url: https://ci.example, token: abc }', /unknown key "token"/],
  ['{ url: https://ci.example }, { url: https://ci.example }', /is listed already/],
])('a policy does not list %s', (hosts, line) => {
  const loaded = load('{ url: "https://ci.example/" }', `http: { hosts: [${hosts}] }\n`);
  expect(loaded.lines).toEqual([expect.stringMatching(line)]);
});
