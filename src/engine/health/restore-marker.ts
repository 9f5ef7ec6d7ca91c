import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What an engine last knew of its ledger, kept outside of it. */
export interface Mark {
  readonly ledgerId: string;
  /** The latest time that was marked in the ledger, in milliseconds since the Unix epoch. */
  readonly markMs: number;
}

/** A file that tells what a ledger that was restored from a backup has forgotten. */
export interface RestoreMarker {
  /** Where it is, for people. */
  readonly place: string;
  /** `null`: nothing is known. */
  read(): Promise<Mark | null>;
  /** Throws what the file system throws. */
  write(mark: Mark): Promise<void>;
}

/** The restore marker of a cell, in a folder that is made if it is missing. */
export function createRestoreMarker({ dir, cell }: { dir: string; cell: string }): RestoreMarker {
  const path = join(dir, `restore-marker-${encodeURIComponent(cell)}.json`);
  return {
    place: path,
    async read() {
      try {
        const { ledgerId, markMs } = JSON.parse(await readFile(path, 'utf8')) as Mark;
        return typeof markMs === 'number' && typeof ledgerId === 'string'
          ? { ledgerId, markMs }
          : null;
      } catch {
        return null;
      }
    },
    async write(mark) {
      await mkdir(dir, { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(mark));
      await rename(`${path}.new`, path);
    },
  };
}
