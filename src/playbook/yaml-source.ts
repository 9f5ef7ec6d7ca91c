import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from 'yaml';
import { messageOf } from '../errors.js';
import type { PlaybookProblem } from './problem.js';
import { quickMapping } from './yaml-value.js';

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

/** Reads the documents of a YAML 1.2 file; empty ones are left out, and one that is no YAML spoils no other. */
export function readYaml(file: string, text: string): readonly YamlDocument[] {
  const value = quickMapping(text);
  if (value !== undefined)
    return [{ text, value, problems: [], problem: placeFinder(file, text, 0) }];
  const { parsed, problemAt } = parseText(file, text);
  const documents: YamlDocument[] = [];
  let start = 0;
  for (const [index, document] of parsed.entries()) {
    const faults = yamlFaults(document, text);
    const end = document.range[2];
    const value = faults.some((fault) => fault.fatal) ? undefined : plainValue(document, faults);
    if (value !== null) {
      documents.push({
        text: text.slice(start, end),
        value,
        problems: faults.map(({ offset, message }) => problemAt(offset, message)),
        problem: placeFinder(file, text, index),
      });
    }
    start = end;
  }
  return documents;
}

/** Parses once more where there is a fault: the nodes of thousands of files are too heavy to be kept. */
function placeFinder(file: string, text: string, index: number): YamlDocument['problem'] {
  let again: ReturnType<typeof parseText> | undefined;
  return (place, message) => {
    again ??= parseText(file, text);
    const { offset, exact } = locate(again.parsed[index] as Document.Parsed, text, place);
    const where = exact ? '' : ` (at character ${(place.offset ?? 0) + 1} of the text)`;
    return again.problemAt(offset, message + where);
  };
}

function parseText(file: string, text: string) {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const problemAt = (offset: number, message: string): PlaybookProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, message };
  };
  return { parsed: 'empty' in parsed ? [] : parsed, problemAt };
}

interface YamlFault {
  readonly offset: number;
  readonly message: string;
  /** The document cannot be read any further. */
  readonly fatal: boolean;
}

function yamlFaults({ errors, warnings, contents }: Document.Parsed, text: string): YamlFault[] {
  const faults = [...errors, ...warnings];
  const duplicates = faults.filter(({ code }) => code === 'DUPLICATE_KEY');
  // What follows the first fault of syntax is mostly its echo.
  const syntax = faults.find(({ code }) => code !== 'DUPLICATE_KEY');
  return [
    ...duplicates.map(({ pos: [offset] }) => {
      const key = /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? '';
      return { offset, message: `the key ${key} is given twice`, fatal: false };
    }),
    ...(syntax === undefined ? [] : [syntax]).map(({ pos: [offset], message }) => {
      const quote = /^Missing closing ["']quote$/.test(message) ? lastQuoted(contents) : undefined;
      return quote !== undefined
        ? { offset: quote, message: 'no valid YAML: the quote is never closed', fatal: true }
        : {
            offset,
            message: `no valid YAML: ${message}${hint(text, offset, message)}`,
            fatal: true,
          };
    }),
  ];
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
    const message = `no valid YAML: ${messageOf(error)}`;
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
const usualReasons: readonly (readonly [RegExp, string])[] = [
  [/^Sequence item without/, 'is it indented like the lines that it belongs to?'],
  [/^Nested mappings/, 'a text with a colon and a space in it has to be put in quotes'],
  [/^Implicit keys need/, 'is there a colon and a space after the key?'],
  [/^Tabs are not/, 'indent with spaces'],
];

function hint(text: string, offset: number, message: string): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
  const reason = line.includes('${{')
    ? 'between { and }, a value that begins with ${{ has to be put in quotes'
    : usualReasons.find(([known]) => known.test(message))?.[1];
  return reason === undefined ? '' : `; ${reason}`;
}
