import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** An alert's expression, taken apart for a plot. */
export interface Comparison {
  /** The expression of the line. */
  readonly line: string;
  /** What the line is compared with; `null`: the expression compares nothing. */
  readonly threshold: {
    /** As it reads with the line on its left: `>`. */
    readonly operator: Operator;
    readonly expression: string;
    /** Its value where it is a number; `null`: it has to be evaluated. */
    readonly value: number | null;
  } | null;
  /** Whether more conditions hold for the alert: it is joined by `and` or `unless`. */
  readonly isPart: boolean;
}

type Operator = '>' | '<' | '>=' | '<=' | '==' | '!=';

/** The names of Prometheus' grammar, each with the operator and the one that it is from the other side. */
const operators: Readonly<Record<string, readonly [Operator, Operator]>> = {
  Gtr: ['>', '<'],
  Lss: ['<', '>'],
  Gte: ['>=', '<='],
  Lte: ['<=', '>='],
  Eql: ['==', '=='],
  EqlC: ['==', '=='],
  EqlSingle: ['==', '=='],
  Neq: ['!=', '!='],
};

/**
 * Takes an expression apart: of a comparison its left side is the line and its right side the threshold, the
 * other way around where the left side is a number. Of `a and b` and `a unless b`, whose values are those of
 * `a`, it is `a` that is taken apart. What cannot be parsed is a line as it is.
 */
export function splitComparison(expression: string): Comparison {
  const whole = { line: expression, threshold: null, isPart: false };
  const root = parser.parse(expression).topNode;
  if (root.name !== 'PromQL' || hasError(root)) return whole;
  let node = root.firstChild;
  let isPart = false;
  for (;;) {
    if (node === null) return whole;
    if (node.name === 'ParenExpr') {
      node = node.firstChild;
      continue;
    }
    if (node.name !== 'BinaryExpr') return whole;
    if (node.getChild('And') === null && node.getChild('Unless') === null) break;
    isPart = true;
    node = node.firstChild;
  }
  const [left, operator, ...rest] = childrenOf(node);
  const right = rest.at(-1);
  const words = operators[operator?.name ?? ''];
  if (left === undefined || right === undefined || words === undefined) return whole;
  const textOf = ({ from, to }: SyntaxNode) => expression.slice(from, to);
  const [leftText, rightText] = [textOf(left), textOf(right)];
  const isTurned = numberIn(leftText) !== null;
  const [line, threshold] = isTurned ? [rightText, leftText] : [leftText, rightText];
  return {
    line,
    threshold: {
      operator: words[isTurned ? 1 : 0],
      expression: threshold,
      value: numberIn(threshold),
    },
    isPart,
  };
}

/** The number that a literal is; `null` for any other expression. Durations as numbers are left to Prometheus. */
function numberIn(text: string): number | null {
  const bare = text.replace(/^\((.*)\)$/s, '$1').trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(bare) ? Number(bare) : null;
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

function hasError(root: SyntaxNode): boolean {
  let found = false;
  root.cursor().iterate(({ type }) => {
    if (type.isError) found = true;
  });
  return found;
}
