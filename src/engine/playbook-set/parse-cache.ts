import type { Steps } from '../../lib/steps.js';
import type { SourceFile } from '../../playbook/file.js';
import type { ParsedFile, PlaybookParser } from '../../playbook/parse.js';

/** Remembers what came of files, so that a file is parsed again only when its text has changed. */
export function createMemory(parseAnew: PlaybookParser) {
  const known = new Map<string, { text: string; found: ParsedFile }>();

  /** Parses a file, or says again what came of the same text before. */
  function* parse(file: string, text: string): Steps<ParsedFile> {
    const before = known.get(file);
    if (before?.text === text) return before.found;
    const found = yield* parseAnew(file, text);
    known.set(file, { text, found });
    return found;
  }

  /** Forgets all other files. */
  function keepOnly(files: readonly SourceFile[]): void {
    const kept = new Set(files.map(({ file }) => file));
    for (const file of known.keys()) if (!kept.has(file)) known.delete(file);
  }

  return { parse, keepOnly };
}
