/**
 * A text as lines that a terminal shows without breaking a word, each behind an indent; those after the
 * first a little deeper. A word that is longer than a line stays whole.
 *
 * @param columns `undefined`: there is no terminal, and the text is one line
 */
export function indented(text: string, indent: number, columns: number | undefined): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && columns !== undefined && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent + 2);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
