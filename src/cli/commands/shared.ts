import { Command, Option } from '@commander-js/extra-typings';

/* What the definitions of several commands share. They are loaded at every start, so each loads what it runs only then. */

/** Starts the definition of a command. Usage errors end with `Run 'jidoka NAME --help'.` */
export function defineCommand(name: string): Command {
  return new Command(name.split(' ').at(-1))
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError(`Run 'jidoka ${name} --help'.`);
}

/** Sets the exit code that the implementation of a command gives back. */
export async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/** `-o, --output`: text for people, JSON for programs. */
export function outputOption() {
  return new Option('-o, --output <format>', 'output format')
    .choices(['text', 'json'] as const)
    .default('text' as const);
}

/** `--url`: which engine to ask. */
export function urlOption() {
  return new Option('--url <url>', 'engine address (default: "http://127.0.0.1:$PORT")');
}

/** `--by`: the name for the audit trail. */
export function byOption() {
  return new Option('--by <name>', 'your name (default: $JIDOKA_USER, else your login name)');
}

/** Where a command that asks an engine takes the admin token from. */
export const tokenHelp = `
Sends JIDOKA_ADMIN_TOKEN. Without it, an engine on this machine gets the token
that npm start made.`;

/** Help for `examples`, each a command line. */
export function examplesHelp(...examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`;
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, collected: readonly string[]): readonly string[] {
  return [...collected, value];
}
