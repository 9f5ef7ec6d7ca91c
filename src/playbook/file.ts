import {
  close,
  constants,
  type Dirent,
  open,
  read,
  readdir,
  realpath,
  type Stats,
  stat,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '../lib/errors.js';
import { type PlaybookProblem, wholeFile } from './problem.js';
import { maxFileBytes, maxFiles, maxFolderBytes } from './size-limits.js';

/** A file of a playbook folder, its path relative to the folder and with slashes. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** `jobs.yaml` with the scripts that it names, their paths relative to its folder. */
export interface JobTexts extends SourceFile {
  readonly scripts: readonly SourceFile[];
}

/** The files of a folder, and those that are not read: no regular files, or too large. */
export interface ReadFiles {
  readonly files: SourceFile[];
  readonly problems: PlaybookProblem[];
}

/** Called with a path before each call of the file system; throws when no more is to be read. */
export type At = (path: string) => void;

const call = { stat: promisify(stat), list: promisify(readdir), real: promisify(realpath) };

/** Files read at once. A file system that hangs takes a thread of Node's for each, and Node has four. */
const fileConcurrency = 2;

/**
 * Reads every `*.yaml` and `*.yml` below a folder, in the order of their relative paths. Symbolic
 * links are followed. Names that begin with a dot (where Kubernetes keeps the files behind the links
 * of a mounted ConfigMap) and tests (`*.test.yaml`) are left out.
 *
 * @throws the error of the file system: a folder that cannot be read is not an empty one; an error for a
 * folder that is larger than `size-limits.ts` allows.
 */
export function readFolder(folder: string, at: At): Promise<ReadFiles> {
  return readFiles(folder, at, (name) => /\.ya?ml$/.test(name) && !isTest(name));
}

/** Reads the tests of the playbooks below a folder, in the same way. */
export function readTests(folder: string, at: At): Promise<ReadFiles> {
  return readFiles(folder, at, isTest);
}

/** Whether a file of that name holds tests of playbooks: `scale-up.test.yaml`. */
export function isTest(name: string): boolean {
  return /\.test\.ya?ml$/.test(name);
}

/**
 * Reads a regular file as text. Anything else may hang (a FIFO) or never end (a device).
 *
 * @throws InputError for what is no regular file or too large, else the error of the file system.
 */
export async function readRegular(path: string, at: At): Promise<string> {
  at(path);
  const fault = kindFault(await call.stat(path));
  if (fault !== undefined) throw new InputError(fault, path);
  at(path);
  return readText(path, Buffer.allocUnsafe(maxFileBytes + 1));
}

/**
 * Reads a file whose kind is known, in three calls of the file system.
 *
 * @param buffer one byte larger than a file may be
 */
function readText(path: string, buffer: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    // a FIFO that takes the place of the file at this moment does not wait for a writer
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
    open(path, flags, (openError, descriptor) => {
      if (openError !== null) return reject(openError);
      read(descriptor, buffer, 0, buffer.length, 0, (readError, length) => {
        // of a regular file, one call reads all that there is
        close(descriptor, () => {
          if (readError !== null) reject(readError);
          else if (length <= maxFileBytes) resolve(buffer.toString('utf8', 0, length));
          else reject(new InputError(tooLarge, path));
        });
      });
    });
  });
}

const tooLarge = `expected a file of at most ${maxFileBytes / 2 ** 10} KiB; split it`;

async function readFiles(
  folder: string,
  at: At,
  isWanted: (name: string) => boolean,
): Promise<ReadFiles> {
  const problems: PlaybookProblem[] = [];
  const names: string[] = [];
  for await (const { file, fault } of listFiles(folder, '', new Set(), at, isWanted)) {
    if (fault !== undefined) problems.push(wholeFile(file, fault));
    else names.push(file);
    if (names.length > maxFiles) {
      throw new Error(`expected at most ${maxFiles} files in a playbook folder`);
    }
  }
  names.sort((a, b) => (a < b ? -1 : 1));
  const texts: (string | undefined)[] = [];
  let bytes = 0;
  let next = 0;
  const lane = async () => {
    const buffer = Buffer.allocUnsafe(maxFileBytes + 1);
    for (let index = next++; index < names.length; index = next++) {
      const file = names[index] as string;
      try {
        const path = join(folder, file);
        at(path);
        const text = await readText(path, buffer);
        texts[index] = text;
        bytes += text.length;
        if (bytes <= maxFolderBytes) continue;
        const most = `${maxFolderBytes / 2 ** 20} MiB`;
        throw new Error(`expected at most ${most} of files in a playbook folder`);
      } catch (error) {
        if (error instanceof InputError) problems.push(wholeFile(file, error.message));
        else {
          next = names.length;
          throw error;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: fileConcurrency }, lane));
  const files = names.flatMap((file, index) => {
    const text = texts[index];
    return text === undefined ? [] : [{ file, text }];
  });
  problems.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { files, problems };
}

/** `above` holds the folders on the way here, so that a link back to one of them ends there. */
async function* listFiles(
  folder: string,
  prefix: string,
  above: ReadonlySet<string>,
  at: At,
  isWanted: (name: string) => boolean,
): AsyncGenerator<{ readonly file: string; readonly fault: string | undefined }> {
  at(folder);
  const real = await call.real(folder);
  if (above.has(real)) return;
  at(folder);
  for (const entry of await call.list(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    at(path);
    const kind: Dirent | Stats = entry.isSymbolicLink() ? await call.stat(path) : entry;
    if (kind.isDirectory()) {
      yield* listFiles(path, `${prefix}${name}/`, new Set([...above, real]), at, isWanted);
    } else if (isWanted(name)) {
      yield { file: prefix + name, fault: kindFault(kind) };
    }
  }
}

function kindFault(kind: Dirent | Stats): string | undefined {
  if (kind.isFile()) return undefined;
  const found = kind.isFIFO()
    ? 'a FIFO'
    : kind.isSocket()
      ? 'a socket'
      : kind.isDirectory()
        ? 'a folder'
        : 'a device';
  return `expected a regular file, got ${found}; move it out of the folder`;
}
