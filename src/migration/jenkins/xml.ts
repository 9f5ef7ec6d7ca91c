import { InputError } from '../../lib/errors.js';

/** An element of an XML document, with the line on which it begins. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The texts right below it, put together. */
  readonly text: string;
  readonly line: number;
}

const entities: Readonly<Record<string, string>> = {
  ...{ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" },
};

/** What may stand in a document, one after another. */
const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<!DOCTYPE[^>[]*(?:\[[\s\S]*?\])?\s*>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+/gy;

const maxDepth = 200;

/**
 * Reads an XML document as Jenkins writes them: elements, attributes, texts. Entities of a document are not
 * expanded.
 *
 * @throws InputError with the line of the fault.
 */
export function readXml(text: string): XmlElement {
  const root: Open = { name: '', attributes: {}, children: [], texts: [], line: 1 };
  const open: Open[] = [root];
  let line = 1;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    const fail = (what: string) => new InputError(`line ${line}: ${what}`, `line ${line}`);
    if (found === null) throw fail(`expected XML, got ${JSON.stringify(text.slice(at, at + 20))}`);
    const [whole, cdata, closes, begins, attributes = '', isEmpty] = found;
    const top = open.at(-1) ?? root;
    if (cdata !== undefined) top.texts.push(cdata);
    else if (closes !== undefined) {
      if (open.length === 1 || top.name !== closes) throw fail(`</${closes}> closes no element`);
      open.pop();
    } else if (begins !== undefined) {
      if (open.length > maxDepth) throw fail(`expected at most ${maxDepth} levels`);
      const made = {
        ...{ name: begins, children: [], texts: [], line },
        attributes: read(attributes),
      };
      top.children.push(made);
      if (isEmpty === '') open.push(made);
    } else if (!whole.startsWith('<')) top.texts.push(unescaped(whole));
    line += whole.split('\n').length - 1;
  }
  const [first] = root.children;
  if (open.length > 1)
    throw new InputError(`line ${line}: <${open.at(-1)?.name}> is not closed`, 'end');
  if (first === undefined) throw new InputError('expected XML, got an empty file', 'line 1');
  return finished(first);
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Open[];
  readonly texts: string[];
  readonly line: number;
}

function finished({ texts, children, ...rest }: Open): XmlElement {
  return { ...rest, children: children.map(finished), text: texts.join('') };
}

function read(attributes: string): Record<string, string> {
  const all = attributes.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries(
    [...all].map(([, name = '', one, other]) => [name, unescaped(one ?? other ?? '')]),
  );
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of the first child of this name, without spaces around it; empty: there is none. */
export function textOf(element: XmlElement | undefined, name: string): string {
  return childOf(element, name)?.text.trim() ?? '';
}
