import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Functions that take a range vector, besides `…_over_time`. (prometheus, promql/parser/functions.go) */
const ofRanges = new Set([
  'changes',
  'delta',
  'deriv',
  'double_exponential_smoothing',
  'holt_winters',
  'idelta',
  'increase',
  'irate',
  'predict_linear',
  'rate',
  'resets',
]);

const shownCharacters = 40;

/**
 * Looks at an expression by Prometheus' grammar, and at what takes a range vector and what does not.
 *
 * @returns why Prometheus would not take it, in a few words; `undefined`: it is well-formed
 */
export function expressionFault(text: string): string | undefined {
  if (text.trim() === '') return 'the expression is empty';
  const tree = parser.parse(text);
  let fault: string | undefined;
  tree.iterate({
    enter({ type, from, node }) {
      if (fault !== undefined) return false;
      if (type.isError) fault = `syntax error at ${place(text, from)}`;
      else if (type.name === 'StringLiteral') fault = stringFault(text, node);
      else if (type.name === 'FunctionCall') fault = callFault(text, node);
      else if (type.name === 'MatrixSelector' || type.name === 'SubqueryExpr') {
        fault = rangeFault(text, node);
      }
      return true;
    },
  });
  return fault;
}

/** Where in the text, as people count, and what is there. */
function place(text: string, from: number): string {
  const rest = text.slice(from, from + shownCharacters);
  return rest === '' ? 'its end' : `character ${from + 1}: ${JSON.stringify(rest)}`;
}

/** A text that does not end, holds an escape of its own, or stands where a vector is expected. */
function stringFault(text: string, { from, to, parent }: SyntaxNode): string | undefined {
  const [literal, quote] = [text.slice(from, to), text.charAt(from)];
  if (literal.length < 2 || !literal.endsWith(quote)) {
    return `text without an end at ${place(text, from)}`;
  }
  if (quote !== '`' && /(?:^|[^\\])(?:\\\\)*\\[^abfnrtvxuU0-7\\'"]/.test(literal)) {
    return `unknown escape in the text at ${place(text, from)}; write \\\\ for \\`;
  }
  let above = parent;
  while (above?.name === 'ParenExpr') above = above.parent;
  return above?.name === 'BinaryExpr' || above?.name === 'PromQL'
    ? `text at ${place(text, from)} where a vector is expected`
    : undefined;
}

/** A function of ranges whose arguments hold none. */
function callFault(text: string, call: SyntaxNode): string | undefined {
  const name = nameOf(text, call);
  if (!takesRange(name)) return undefined;
  const body = call.getChild('FunctionCallBody');
  for (let one = body?.firstChild ?? null; one !== null; one = one.nextSibling) {
    if (isRange(one)) return undefined;
  }
  return `${name} expects a range vector such as x[5m]`;
}

/** A range where an instant vector is expected. */
function rangeFault(text: string, range: SyntaxNode): string | undefined {
  let above = range.parent;
  while (above !== null && (wrappers.has(above.name) || above.name === 'FunctionCallBody')) {
    above = above.parent;
  }
  if (above?.name === 'FunctionCall' && takesRange(nameOf(text, above))) return undefined;
  // the inner expression of a subquery is an instant vector, which the loop has left
  return `range vector at ${place(text, range.from)} where an instant vector is expected`;
}

/** What keeps the type of the expression in it. */
const wrappers = new Set(['ParenExpr', 'OffsetExpr', 'StepInvariantExpr']);

function isRange(node: SyntaxNode): boolean {
  if (node.name === 'MatrixSelector' || node.name === 'SubqueryExpr') return true;
  if (!wrappers.has(node.name)) return false;
  return node.firstChild === null ? false : childrenOf(node).some(isRange);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let one = node.firstChild; one !== null; one = one.nextSibling) children.push(one);
  return children;
}

function nameOf(text: string, call: SyntaxNode): string {
  const name = call.getChild('FunctionIdentifier') ?? call.firstChild;
  return name === null ? '' : text.slice(name.from, name.to).trim();
}

function takesRange(name: string): boolean {
  return ofRanges.has(name) || name.endsWith('_over_time');
}
