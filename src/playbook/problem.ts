/** A fault in a playbook or in the policy: where it is, what was expected. Lines and columns count from 1. */
export interface PlaybookProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A fault of a file as a whole. */
export function wholeFile(file: string, message: string): PlaybookProblem {
  return { file, line: 1, column: 1, message };
}

/** A problem in one line, as compilers write it: `file:line:column: message`. */
export function formatProblem(problem: PlaybookProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** Compares problems of one file, for sorting them from its top to its end. */
export function byPlace(a: PlaybookProblem, b: PlaybookProblem): number {
  return a.line - b.line || a.column - b.column;
}

/** Comparing takes time with the square of the length. */
const longestWord = 100;

/** The word of a list that a mistyped one most likely meant; `undefined` if none is close. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined;
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

/** Says that no playbook has this name, and which one was probably meant. */
export function unknownPlaybook(
  name: string,
  { playbooks }: { readonly playbooks: readonly { readonly name: string }[] },
): string {
  const nearest = nearestWord(
    name,
    playbooks.map((playbook) => playbook.name),
  );
  const meant = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  return `no playbook is named ${JSON.stringify(name)}${meant}`;
}

/** How many letters have to be put in, taken out, replaced or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : replaced;
      row.push(Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
