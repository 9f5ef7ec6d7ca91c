import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What an engine last knew of its ledger, kept outside of it. */
export interface Witnessed {
  readonly ledgerId: string;
  /** The latest time that was marked in the ledger, in milliseconds since the Unix epoch. */
  readonly markMs: number;
}

/** A file that tells what a ledger that was restored from a backup has forgotten. */
export interface Witness {
  /** `null`: nothing is known. */
  read(): Promise<Witnessed | null>;
  /** Throws what the file system throws. */
  write(witnessed: Witnessed): Promise<void>;
}

/** The witness of a cell, in a folder that is made if it is missing. */
export function createWitness({ dir, cell }: { dir: string; cell: string }): Witness {
  const path = join(dir, `witness-${encodeURIComponent(cell)}.json`);
  return {
    async read() {
      try {
        const { ledgerId, markMs } = JSON.parse(await readFile(path, 'utf8')) as Witnessed;
        return typeof markMs === 'number' ? { ledgerId, markMs } : null;
      } catch {
        return null;
      }
    },
    async write(witnessed) {
      await mkdir(dir, { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(witnessed));
      await rename(`${path}.new`, path);
    },
  };
}
