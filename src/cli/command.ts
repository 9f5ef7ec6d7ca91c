import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf } from '../errors.js';
import { nearestWord } from '../playbook/problem.js';

/** A call of the command line that cannot be understood; it ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

const help = { help: { type: 'boolean', short: 'h' } } as const;

type Values<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options }>
>['values'];

/** What a command takes, and what it does with it. */
export interface CommandSpec<Options extends OptionsConfig> {
  readonly args: readonly string[];
  /** The whole help text. */
  readonly usage: string;
  readonly options: Options;
  /** Whether it takes words besides its options. */
  readonly words?: boolean;
  /** Gives back the exit code. What it throws is said in one line, and ends with exit code 1. */
  readonly run: (values: Values<Options>, words: readonly string[]) => Promise<number>;
}

/**
 * Runs one command: reads its arguments, answers `--help`, and turns what it throws into a line on
 * standard error. Gives back the exit code; 2 is for a call that cannot be understood.
 */
export async function runCommand<const Options extends OptionsConfig>(
  spec: CommandSpec<Options>,
): Promise<number> {
  try {
    const { values, positionals } = read(spec);
    if ('help' in values && values.help === true) {
      process.stdout.write(spec.usage);
      return 0;
    }
    return await spec.run(values as Values<Options>, positionals);
  } catch (error) {
    process.stderr.write(`jidoka: ${messageOf(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`\n${spec.usage}`);
    return 2;
  }
}

function read<Options extends OptionsConfig>(spec: CommandSpec<Options>) {
  const options: OptionsConfig = { ...spec.options, ...help };
  try {
    return parseArgs({ args: [...spec.args], options, allowPositionals: spec.words ?? false });
  } catch (error) {
    throw new UsageError(unknownOption(error, Object.keys(options)) ?? messageOf(error));
  }
}

/** In words, with the option that was meant; `undefined`: it is another fault. */
function unknownOption(error: unknown, names: readonly string[]): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return undefined;
  const [, option = ''] = /'(-[^']*)'/.exec(error.message) ?? [];
  const nearest = nearestWord(option.replace(/^-+/, ''), names);
  return `there is no option ${option}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`;
}
