import type { Removal } from './removals.js';
import type { Row } from './rows.js';

/** What a run of a test came to. */
export interface Result {
  /** Whether it is as it has to be. */
  readonly ok: boolean;
  readonly word: 'passes' | 'fails' | 'SURVIVES' | 'not run' | 'moved' | 'no code' | 'broken';
  readonly detail: string;
}

const widths = { number: 3, text: 64, word: 8, seconds: 6 };
/** What is left of a line for what the test found. */
const restWidth = Math.max((process.stdout.columns ?? 190) - 90, 30);

/** Prints each result as soon as it is known: for each row first the code as it is, then what is taken out of it. */
export function createTable() {
  const startedAtMs = Date.now();
  const counts = { rows: 0, removals: 0, wrong: 0 };
  line('row', 'fault, and what is taken out', 'result', 'sec', 'what the test found');

  function line(number: string, text: string, word: string, seconds: string, detail: string) {
    const cells = [
      number.padStart(widths.number),
      short(text, widths.text).padEnd(widths.text),
      word.padEnd(widths.word),
      seconds.padStart(widths.seconds),
      short(detail, restWidth),
    ];
    console.log(cells.join('  ').trimEnd());
  }

  return {
    /** Adds what `run` comes to; gives back whether it is as it has to be. */
    async add(what: Row | Removal, run: () => Promise<Result>): Promise<boolean> {
      const beganAtMs = Date.now();
      const { ok, word, detail } = await run();
      const seconds = ((Date.now() - beganAtMs) / 1_000).toFixed(1);
      if ('without' in what) {
        counts.removals += 1;
        line('', `- ${what.without}`, word, seconds, detail);
      } else {
        counts.rows += 1;
        line(String(what.number), what.fault, word, seconds, detail);
      }
      if (!ok) counts.wrong += 1;
      return ok;
    },

    /** Prints the sum of it all; gives back whether everything is as it has to be. */
    finish(): boolean {
      const minutes = ((Date.now() - startedAtMs) / 60_000).toFixed(1);
      const { rows, removals, wrong } = counts;
      const verdict =
        wrong === 0 ? 'each is missed by its test' : `${wrong} not as they have to be`;
      console.log(`\n${rows} rows, ${removals} protections taken out, ${minutes} min: ${verdict}`);
      return wrong === 0;
    },
  };
}

function short(text: string, width: number): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length <= width ? flat : `${flat.slice(0, width - 1)}…`;
}
