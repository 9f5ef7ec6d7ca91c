import { nearestWord } from './problem.js';

/** What the CEL library found wrong with an expression. */
interface CelFault {
  /** In the words of the library. */
  readonly message: string;
  /** The whole expression. */
  readonly text: string;
  /** Where in the text the fault is. */
  readonly offset: number;
  /** The names of all functions there are. */
  readonly functions: readonly string[];
}

const variables = ['labels', 'annotations', 'route', 'worker_asg'];
const wordOperators: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!' };

/** Puts a fault of CEL into words that say what was expected, for the mistakes that are made most. */
export function celAdvice({ message, text, offset, functions }: CelFault): string {
  const rest = text.slice(offset);
  const variable = /^Unknown variable: (\S+)$/.exec(message)?.[1];
  if (variable !== undefined) return unknownName(variable, rest);

  const call = /^found no matching overload for '(?:.+\.)?(\w+)\((.*)\)'$/.exec(message);
  if (call?.[1] !== undefined && !functions.includes(call[1])) {
    return `unknown function ${JSON.stringify(call[1])}${didYouMean(call[1], functions)}`;
  }
  if (call?.[1] !== undefined) return `${call[1]}(): wrong parameters: ${message}`;

  const compared = /^no such overload: (\w+) (==|!=|<=|>=|<|>|\+|-) (\w+)$/.exec(message);
  const [, left = '', operator = '', right = ''] = compared ?? [];
  const mixed = [left, right].includes('string') && [left, right].some(isNumber);
  if (mixed) {
    const verb = /[+-]/.test(operator) ? 'be added to' : 'be compared with';
    return `a string cannot ${verb} a number (${left} ${operator} ${right}): labels are strings; write int(…) around the label, or quote the number`;
  }
  if (compared !== null) return `${left} ${operator} ${right} is not possible`;

  const word = /^(and|or|not)\b/.exec(rest)?.[1];
  if (word !== undefined) return `expected ${wordOperators[word]} in place of "${word}"`;
  if (message.startsWith('Unexpected character: =')) return 'expected == to compare, got =';
  if (message === 'Unterminated string') return 'the closing quote is missing';
  return message.replace(/\bEOF\b/, 'the end');
}

function unknownName(name: string, rest: string): string {
  const nearest = nearestWord(name, variables);
  const isLabel = nearest === undefined && !rest.startsWith(`${name}.`);
  const advice = isLabel ? `; write a label as labels.${name}` : didYouMean(name, variables);
  return `unknown name ${JSON.stringify(name)}: expected one of ${variables.join(', ')}${advice}`;
}

function isNumber(type: string): boolean {
  return type === 'int' || type === 'uint' || type === 'double';
}

function didYouMean(word: string, words: readonly string[]): string {
  const nearest = nearestWord(word, words);
  return nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}
