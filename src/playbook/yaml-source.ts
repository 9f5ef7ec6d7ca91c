import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  Parser,
  visit,
  type YAMLMap,
} from 'yaml';
import { messageOf } from '../lib/errors.js';
import type { PlaybookProblem } from './problem.js';
import { maxDocumentFaults, maxDocumentLength, maxDocuments, maxEntries } from './size-limits.js';

/** Where a fault is: the keys and indexes that lead to it, and whether it is the key itself that is wrong. */
export interface Place {
  readonly path: readonly PropertyKey[];
  readonly onKey?: boolean;
  /** For a text: the index inside it. */
  readonly offset?: number | undefined;
}

/** One document of a YAML file. */
export interface YamlDocument {
  /** Its own part of the file. */
  readonly text: string;
  /** What it says, as plain values; `undefined` where it is no YAML. */
  readonly value: unknown;
  /** What is wrong with it as YAML: one fault of syntax, and all keys that are given twice. */
  readonly problems: readonly PlaybookProblem[];
  /** A problem at a place in it; a place that does not exist stands for the nearest one around it. */
  problem(place: Place, message: string): PlaybookProblem;
}

/** A message may hold a text of the file. */
const longestMessage = 1_000;

/** The start of a document, or the end of one. */
const documentMark = /^(?:---|\.\.\.)(?=\s|$)/gm;

/**
 * Reads the documents of a YAML 1.2 file, one at a time; empty ones are left out, and a fault in one
 * does not affect the others. Stops at a document beyond the bounds of `size-limits.ts`, with a problem.
 */
export function* readYaml(file: string, text: string): Generator<YamlDocument, void, undefined> {
  const tooLarge = findOversize(text);
  if (tooLarge !== undefined) {
    yield unreadable(file, text, tooLarge);
    return;
  }
  let start = 0;
  for (const document of parseText(text)) {
    const end = document.range[2];
    const faults = yamlFaults(document, text);
    const value = faults.some((fault) => fault.fatal) ? undefined : plainValue(document, faults);
    if (value !== null) {
      yield {
        text: text.slice(start, end),
        value,
        problems: faults.map(({ offset, message }) => problemAt(file, text, offset, message)),
        problem: placeFinder(file, text, start, end),
      };
    }
    start = end;
  }
}

/** Finds a document beyond the bounds without parsing the text: parsing takes time for each character. */
function findOversize(text: string): YamlFault | undefined {
  const starts = [0, ...[...text.matchAll(documentMark)].map(({ index }) => index)];
  const offset = starts.find((start, index) => {
    return (starts[index + 1] ?? text.length) - start > maxDocumentLength;
  });
  if (offset !== undefined) {
    const message = `expected a document of at most ${maxDocumentLength} characters; split it`;
    return { offset, message, fatal: true };
  }
  const first = starts[2 * maxDocuments];
  if (first === undefined) return undefined;
  const message = `expected at most ${maxDocuments} documents in a file; split the file`;
  return { offset: first, message, fatal: true };
}

function unreadable(file: string, text: string, { offset, message }: YamlFault): YamlDocument {
  return {
    text,
    value: undefined,
    problems: [problemAt(file, text, offset, message)],
    problem: (_, other) => problemAt(file, text, 0, other),
  };
}

/** Parses the document again when it is first asked: the nodes of thousands of files take too much memory. */
function placeFinder(
  file: string,
  text: string,
  start: number,
  end: number,
): YamlDocument['problem'] {
  let again: Document.Parsed | undefined;
  const own = text.slice(start, end);
  return (place, message) => {
    again ??= parseText(own).next().value as Document.Parsed;
    const { offset, exact } = locate(again, own, place);
    const where = exact ? '' : ` (at character ${(place.offset ?? 0) + 1} of the text)`;
    return problemAt(file, text, start + offset, message + where);
  };
}

function parseText(text: string): Generator<Document.Parsed, void> {
  const composer = new Composer({
    version: '1.2',
    prettyErrors: false,
    stringKeys: true,
    // compares each key with all others of its mapping; `duplicateKeys` takes linear time
    uniqueKeys: false,
  });
  return composer.compose(new Parser().parse(text));
}

function problemAt(file: string, text: string, offset: number, message: string): PlaybookProblem {
  const before = text.slice(0, offset).split('\n');
  return {
    file,
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message,
  };
}

interface YamlFault {
  readonly offset: number;
  readonly message: string;
  /** The document cannot be read any further. */
  readonly fatal: boolean;
}

function yamlFaults(document: Document.Parsed, text: string): YamlFault[] {
  const { errors, warnings, contents } = document;
  const faults = entryFaults(document, text);
  // What follows the first fault of syntax is mostly its echo.
  const syntax = errors[0] ?? warnings[0];
  if (syntax === undefined) return faults;
  const { message } = syntax;
  const [offset] = syntax.pos;
  const quote = /^Missing closing ["']quote$/.test(message) ? lastQuoted(contents) : undefined;
  faults.push(
    quote !== undefined
      ? { offset: quote, message: 'invalid YAML: the closing quote is missing', fatal: true }
      : {
          offset,
          message: `invalid YAML: ${message}${hint(text, offset, message)}`,
          fatal: true,
        },
  );
  return faults;
}

/** The keys that are given twice in their mapping, or that the document has too many entries. */
function entryFaults(document: Document.Parsed, text: string): YamlFault[] {
  const faults: YamlFault[] = [];
  let entries = 0;
  visit(document, {
    Collection(_, collection) {
      entries += collection.items.length;
      if (entries > maxEntries) {
        const offset = collection.range?.[0] ?? document.range[0];
        const message = `expected at most ${maxEntries} keys and list entries in a document; split it`;
        faults.push({ offset, message, fatal: true });
        return visit.BREAK;
      }
      if (!isMap(collection)) return undefined;
      for (const offset of repeatedKeys(collection)) {
        const key = /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? '';
        faults.push({ offset, message: `the key ${key} occurs twice`, fatal: false });
        if (faults.length === maxDocumentFaults) return visit.BREAK;
      }
      return undefined;
    },
  });
  return faults;
}

function* repeatedKeys({ items }: YAMLMap): Generator<number> {
  const known = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (known.has(key.value)) yield key.range?.[0] ?? 0;
    known.add(key.value);
  }
}

/** Where the last text in quotes begins. */
function lastQuoted(contents: Document.Parsed['contents']): number | undefined {
  let offset: number | undefined;
  visit(contents, {
    Scalar(_, { type, range }) {
      if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') offset = range?.[0] ?? offset;
    },
  });
  return offset;
}

/** The document as plain values; aliases that lead too far become a fault. */
function plainValue(document: Document.Parsed, faults: YamlFault[]): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    const message = `invalid YAML: ${messageOf(error)}`;
    faults.push({ offset: document.range[0], message, fatal: true });
    return undefined;
  }
}

/** The offset of a place in the file; `exact` is false where an offset inside a text could not be followed. */
function locate(
  document: Document.Parsed,
  text: string,
  place: Place,
): { readonly offset: number; readonly exact: boolean } {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? document.range[0];
  for (const [index, key] of place.path.entries()) {
    const around = isAlias(node) ? node.resolve(document) : node;
    const onKey = place.onKey === true && index === place.path.length - 1;
    let child: unknown;
    if (isMap(around)) {
      const pair = around.items.find((item) => isScalar(item.key) && item.key.value === key);
      child = onKey || pair?.value === null ? pair?.key : pair?.value;
    } else if (isSeq(around)) {
      child = around.items[Number(key)];
    }
    if (isPair(child)) child = child.key;
    if (!isNode(child)) return { offset, exact: true };
    node = child;
    offset = node.range?.[0] ?? offset;
  }
  if (place.offset === undefined || !isScalar(node)) return { offset, exact: true };
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
  const exact = text.startsWith(String(node.value), offset + quoted);
  return { offset: exact ? offset + quoted + place.offset : offset, exact };
}

/** What is mostly wrong where the parser of YAML says this. */
const defaultReasons: readonly (readonly [RegExp, string])[] = [
  [/^Sequence item without/, 'check the indentation'],
  [/^Nested mappings/, 'quote a string that contains a colon and a space'],
  [/^Implicit keys need/, 'write a colon and a space after the key'],
  [/^Tabs are not/, 'indent with spaces'],
];

function hint(text: string, offset: number, message: string): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
  const reason = line.includes('${{')
    ? 'between { and }, quote a value that starts with ${{'
    : defaultReasons.find(([known]) => known.test(message))?.[1];
  return reason === undefined ? '' : `; ${reason}`;
}
