import type { SimulatedKinds } from '../../integrations/contract/simulation.js';
import { formatDuration } from '../../lib/time.js';
import { explainIssues, type Fault, faultText } from '../issue.js';
import { byPlace, nearestWord, type PlaybookProblem, wholeFile } from '../problem.js';
import { readYaml, type YamlDocument } from '../yaml-source.js';
import { resolvesKey } from './alert-schema.js';
import { type PlaybookTests, type TestLanguage, testLanguage } from './schema.js';

/** Joins words: `service, node or group`. */
const inSentence = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** A file of tests that was read, and its document, for naming places in it. */
export interface ParsedTests {
  readonly tests: PlaybookTests;
  readonly document: YamlDocument;
}

/**
 * Reads a file of playbook tests, a YAML document: the tests, or everything that is wrong with them.
 *
 * @param playbooks the names of the playbooks that there are
 * @param language what tests may be about; left out, the targets of all integrations
 */
export function parseTests(
  file: string,
  text: string,
  playbooks: readonly string[],
  { kinds, schema }: TestLanguage = testLanguage,
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
  const result = schema.safeParse(document.value);
  const faults = result.success
    ? [...unknownNames(result.data, playbooks, kinds), ...tooLate(result.data)]
    : explainIssues(schema, result.error.issues, document.value);
  const problems = faults.map((fault) => document.problem(fault, faultText(fault))).sort(byPlace);
  const tests = result.success && problems.length === 0 ? result.data : undefined;
  return { parsed: tests && { tests, document }, problems };
}

/** Names of playbooks and targets that there are not: what is expected of them would hold by itself, or never. */
function unknownNames(
  { tests, targets }: PlaybookTests,
  playbooks: readonly string[],
  kinds: SimulatedKinds,
): Fault[] {
  const faults: Fault[] = [];
  const require = (
    what: string,
    name: string | undefined,
    known: readonly string[],
    path: readonly PropertyKey[],
    onKey = false,
  ): void => {
    if (name === undefined || known.includes(name)) return;
    const nearest = nearestWord(name, known);
    const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    faults.push({ path, onKey, message: `no ${what} is named "${name}"${advice}` });
  };
  const called = Object.entries(kinds).filter(([, { call }]) => call !== undefined);
  const others = Object.entries(kinds).filter(([, { call }]) => call === undefined);
  const anyOther = inSentence.format(others.map(([, { one }]) => one));
  for (const [index, test] of tests.entries()) {
    const at = ['tests', index];
    const namesOf = (key: string) => Object.keys({ ...targets[key], ...test.targets[key] });
    const otherNames = others.flatMap(([key]) => namesOf(key));
    const otherIds = others.flatMap(([key, { kind }]) =>
      namesOf(key).map((name) => `${kind}/${name}`),
    );
    for (const [each, { resolves_when: when }] of test.alerts.entries()) {
      const kind = kinds[when?.kind ?? ''];
      if (when === undefined || kind === undefined) continue;
      const name = kind.call === undefined ? when.name : (kind.call.declaredAs(when.name) ?? '');
      const place = [...at, 'alerts', each, 'resolves_when', resolvesKey(kind)];
      require(kind.one, name, namesOf(when.kind), place);
    }
    for (const [each, { playbook, target }] of test.pauses.entries()) {
      const path = [...at, 'pauses', each];
      require('playbook', playbook, playbooks, [...path, 'playbook']);
      require(anyOther, target, [...otherNames, ...otherIds], [...path, 'target']);
    }
    for (const [each, expected] of test.expect.entries()) {
      const path = [...at, 'expect', each];
      for (const key of ['decisions', 'runs'] as const) {
        for (const [entry, { playbook }] of (expected[key] ?? []).entries()) {
          require('playbook', playbook, playbooks, [...path, key, entry, 'playbook']);
        }
      }
      for (const [key, sizes] of Object.entries(expected.sizes)) {
        for (const name of Object.keys(sizes ?? {})) {
          require(kinds[key]?.one ?? key, name, namesOf(key), [...path, key, name], true);
        }
      }
      for (const [entry, changes] of (expected.effects ?? []).entries()) {
        for (const { target } of changes) {
          const place = [...path, 'effects', entry, target];
          const [call] = called.flatMap(([key, { one, call }]) => {
            const name = call?.declaredAs(target);
            return name === undefined ? [] : [{ one, name, known: namesOf(key) }];
          });
          if (call !== undefined) require(call.one, call.name, call.known, place, true);
          else require(anyOther, target, otherNames, place, true);
        }
      }
    }
  }
  return faults;
}

/** What comes after the last expectation: a test ends there, and it would never happen. */
function tooLate({ tests }: PlaybookTests): Fault[] {
  const faults: Fault[] = [];
  for (const [index, test] of tests.entries()) {
    const endMs = Math.max(...test.expect.map(({ at }) => at));
    const require = (atMs: number, ...path: readonly PropertyKey[]): void => {
      if (atMs <= endMs) return;
      const message = `${formatDuration(atMs)} is after the last expectation (${formatDuration(endMs)}), which ends the test: it would never happen`;
      faults.push({ path: ['tests', index, ...path], message });
    };
    for (const [each, { fires }] of test.alerts.entries()) require(fires, 'alerts', each, 'fires');
    for (const [each, { at }] of test.people.entries()) require(at, 'people', each, 'at');
    for (const [each, { at }] of test.pauses.entries()) require(at, 'pauses', each, 'at');
  }
  return faults;
}
