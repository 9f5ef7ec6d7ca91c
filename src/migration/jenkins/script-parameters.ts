import type { DeclaredParameter } from './parameters.js';

/** The classes of the steps that declare parameters in a pipeline. */
const kinds: Readonly<Record<string, string>> = {
  string: 'StringParameterDefinition',
  booleanParam: 'BooleanParameterDefinition',
  choice: 'ChoiceParameterDefinition',
  text: 'TextParameterDefinition',
  password: 'PasswordParameterDefinition',
  credentials: 'CredentialsParameterDefinition',
  file: 'FileParameterDefinition',
  run: 'RunParameterDefinition',
};

const text = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n$]|\\.)*"`;
const value = String.raw`(?:${text}|true|false|-?\d+|\[\s*(?:(?:${text})\s*,?\s*)*\])`;
const pair = String.raw`\s*(\w+)\s*:\s*(${value})\s*`;
/** One parameter, of literal values only. All other declarations are listed as Groovy. */
const declaration = new RegExp(
  String.raw`\b(${Object.keys(kinds).join('|')})\b[ \t]*(?:\(((?:${pair},?)+)\)|((?:${pair.replaceAll(String.raw`\s*(`, String.raw`[ \t]*(`)},?)+))`,
  'g',
);

/** Parameters that a script declares, and where each stands in it. */
export interface ScriptParameters {
  readonly declared: readonly DeclaredParameter[];
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

/** Finds the parameters that a pipeline declares in its own script, as `parameters { string(name: …) }`. */
export function parametersInScript(
  script: string,
  lineAt: (index: number) => number,
): ScriptParameters {
  const declared: DeclaredParameter[] = [];
  const places: { start: number; end: number }[] = [];
  for (const block of script.matchAll(/\bparameters\s*(?:\(\s*\[|\{)/g)) {
    const start = block.index + block[0].length;
    const end = endOf(script, start);
    for (const found of script.slice(start, end).matchAll(declaration)) {
      const [whole, step = ''] = found;
      const args = new Map(
        [...whole.matchAll(new RegExp(pair, 'g'))].map(([, name = '', given = '']) => [
          name,
          given,
        ]),
      );
      const name = unquoted(args.get('name') ?? '');
      if (name === '') continue;
      const at = start + found.index;
      const kind = kinds[step] ?? step;
      const given = args.get('defaultValue');
      const isSecret = /Password|Credentials/.test(kind);
      declared.push({
        line: lineAt(at),
        name,
        kind,
        summary: unquoted(args.get('description') ?? ''),
        given: given === undefined || isSecret ? undefined : unquoted(given),
        choices: choicesOf(args.get('choices') ?? ''),
      });
      places.push({ start: at, end: at + whole.trimEnd().length });
    }
  }
  return { declared, places };
}

/** Where the block that is open at `start` is closed; the end of the script where it never is. */
function endOf(script: string, start: number): number {
  let depth = 1;
  const token = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[[({]|[\])}]/g;
  token.lastIndex = start;
  for (let found = token.exec(script); found !== null; found = token.exec(script)) {
    if ('[({'.includes(found[0])) depth += 1;
    if (!'])}'.includes(found[0])) continue;
    depth -= 1;
    if (depth === 0) return found.index;
  }
  return script.length;
}

function unquoted(literal: string): string {
  if (!/^['"]/.test(literal)) return literal;
  return literal
    .slice(1, -1)
    .replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);
}

/** A list of texts, or a text with one choice a line. */
function choicesOf(literal: string): readonly string[] {
  const texts = [...literal.matchAll(new RegExp(text, 'g'))].map(([one]) => unquoted(one));
  return texts.flatMap((one) => one.split('\n')).filter((choice) => choice.trim() !== '');
}
