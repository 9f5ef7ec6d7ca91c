import { expect, test } from 'vitest';
import { parseMatchers } from '../../../src/alertmanager/matcher.js';
import { createJobOffers, type JobOffer } from '../../../src/playbook/job-offers.js';
import { jobOf } from '../../support/job.js';

const offer = (name: string, match: string): JobOffer => ({
  job: jobOf(name, { image: 'alpine:3.22', command: ['/x'], time_limit: '1m' }),
  match: parseMatchers(match),
  with: undefined as never,
});
const named = (offers: readonly JobOffer[]) => offers.map(({ job }) => job.name);

test('an alert is offered the jobs whose matchers all match, in the order of the file', () => {
  const offers = createJobOffers([
    offer('any', 'instance != ""'),
    offer('disk', '{alertname="DiskFull", severity=~"warning|critical"}'),
    offer('other', 'alertname = "Other"'),
    offer('full', 'alertname = "DiskFull"'),
  ]);
  const labels = { alertname: 'DiskFull', severity: 'critical', instance: 'a' };
  expect(named(offers.matching(labels))).toEqual(['any', 'disk', 'full']);
  expect(named(offers.matching({ ...labels, severity: 'info' }))).toEqual(['any', 'full']);
  expect(named(offers.matching({ alertname: 'None' }))).toEqual([]);
});

test('a label that must be missing is compared, too', () => {
  const offers = createJobOffers([offer('bare', 'alertname = "A", team = ""')]);
  expect(named(offers.matching({ alertname: 'A' }))).toEqual(['bare']);
  expect(offers.matching({ alertname: 'A', team: 'x' })).toEqual([]);
});

test('an alert is offered five jobs at most', () => {
  const many = Array.from({ length: 9 }, (_, index) => offer(`job-${index}`, 'alertname = "A"'));
  expect(named(createJobOffers(many).matching({ alertname: 'A' }))).toHaveLength(5);
});
