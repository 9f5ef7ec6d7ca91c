import { formatDuration } from '../../time.js';
import { explainIssues, type Fault, faultText } from '../issue.js';
import { byPlace, nearestWord, type PlaybookProblem, wholeFile } from '../problem.js';
import { readYaml, type YamlDocument } from '../yaml-source.js';
import { type PlaybookTests, playbookTestSchema } from './schema.js';

/** A file of tests that was read, and its document, for naming places in it. */
export interface ParsedTests {
  readonly tests: PlaybookTests;
  readonly document: YamlDocument;
}

/**
 * Reads a file of playbook tests, a YAML document: the tests, or everything that is wrong with them.
 *
 * @param playbooks the names of the playbooks that there are
 */
export function parseTests(
  file: string,
  text: string,
  playbooks: readonly string[],
): { readonly parsed: ParsedTests | undefined; readonly problems: readonly PlaybookProblem[] } {
  const [document, second] = readYaml(file, text);
  if (document === undefined) {
    return { parsed: undefined, problems: [wholeFile(file, 'expected tests, got an empty file')] };
  }
  if (second !== undefined) {
    const problem = second.problem({ path: [] }, 'expected one YAML document, got a second one');
    return { parsed: undefined, problems: [problem] };
  }
  if (document.problems.length > 0) return { parsed: undefined, problems: document.problems };
  const result = playbookTestSchema.safeParse(document.value);
  const faults = result.success
    ? [...unknownNames(result.data, playbooks), ...tooLate(result.data)]
    : explainIssues(playbookTestSchema, result.error.issues, document.value);
  const problems = faults.map((fault) => document.problem(fault, faultText(fault))).sort(byPlace);
  const tests = result.success && problems.length === 0 ? result.data : undefined;
  return { parsed: tests && { tests, document }, problems };
}

/** Names of playbooks and targets that there are not: what is expected of them would hold by itself, or never. */
function unknownNames({ tests, ...file }: PlaybookTests, playbooks: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const require = (
    kind: string,
    name: string | undefined,
    known: readonly string[],
    path: readonly PropertyKey[],
    onKey = false,
  ): void => {
    if (name === undefined || known.includes(name)) return;
    const nearest = nearestWord(name, known);
    const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    faults.push({ path, onKey, message: `there is no ${kind} "${name}"${advice}` });
  };
  for (const [index, test] of tests.entries()) {
    const at = ['tests', index];
    const services = Object.keys({ ...file.services, ...test.services });
    const groups = Object.keys({ ...file.groups, ...test.groups });
    const nodes = Object.keys({ ...file.nodes, ...test.nodes });
    const addresses = Object.keys({ ...file.addresses, ...test.addresses });
    for (const [each, { resolves_when: when }] of test.alerts.entries()) {
      const path = [...at, 'alerts', each, 'resolves_when'];
      require('service', when?.service, services, [...path, 'service']);
      require('group', when?.group, groups, [...path, 'group']);
      require('address', when?.call && addressOf(when.call), addresses, [...path, 'call']);
    }
    const ids = [
      ...services.map((name) => `swarm.service/${name}`),
      ...groups.map((name) => `asg/${name}`),
      ...nodes.map((name) => `swarm.node/${name}`),
    ];
    for (const [each, { playbook, target }] of test.pauses.entries()) {
      const path = [...at, 'pauses', each];
      require('playbook', playbook, playbooks, [...path, 'playbook']);
      require('service or group', target, [...services, ...groups, ...nodes, ...ids], [
        ...path,
        'target',
      ]);
    }
    for (const [each, expected] of test.expect.entries()) {
      const path = [...at, 'expect', each];
      for (const key of ['decisions', 'runs'] as const) {
        for (const [entry, { playbook }] of (expected[key] ?? []).entries()) {
          require('playbook', playbook, playbooks, [...path, key, entry, 'playbook']);
        }
      }
      for (const name of Object.keys(expected.services ?? {})) {
        require('service', name, services, [...path, 'services', name], true);
      }
      for (const name of Object.keys(expected.groups ?? {})) {
        require('group', name, groups, [...path, 'groups', name], true);
      }
      for (const [entry, changes] of (expected.effects ?? []).entries()) {
        for (const { target } of changes) {
          const place = [...path, 'effects', entry, target];
          const known = [...services, ...groups, ...nodes];
          if (/^[A-Z]+ https?:/.test(target)) {
            require('address', addressOf(target), addresses, place, true);
          } else require('service or group', target, known, place, true);
        }
      }
    }
  }
  return faults;
}

/** The address of `POST https://ci.example.com/job?a=b`, without its query. */
function addressOf(call: string): string {
  return call.replace(/^[A-Z]+ /, '').split('?')[0] ?? '';
}

/** What comes after the last expectation: a test ends there, and it would never happen. */
function tooLate({ tests }: PlaybookTests): Fault[] {
  const faults: Fault[] = [];
  for (const [index, test] of tests.entries()) {
    const endMs = Math.max(...test.expect.map(({ at }) => at));
    const require = (atMs: number, ...path: readonly PropertyKey[]): void => {
      if (atMs <= endMs) return;
      const message = `${formatDuration(atMs)} is after the last expectation (${formatDuration(endMs)}), with which the test ends: it would never happen`;
      faults.push({ path: ['tests', index, ...path], message });
    };
    for (const [each, { fires }] of test.alerts.entries()) require(fires, 'alerts', each, 'fires');
    for (const [each, { at }] of test.people.entries()) require(at, 'people', each, 'at');
    for (const [each, { at }] of test.pauses.entries()) require(at, 'pauses', each, 'at');
  }
  return faults;
}
