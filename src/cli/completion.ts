import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { commandsBelow, fullNameOf } from './command-tree.js';
import { write } from './output.js';

/**
 * `jidoka completion`: prints the completion script of a shell. Returns the exit code.
 *
 * @param program the root of the command tree
 */
export async function completion(
  shell: 'bash' | 'zsh' | 'fish',
  program: CommandUnknownOpts | null,
): Promise<number> {
  if (program === null) throw new Error('completion: expected to be a command of jidoka');
  const commands = commandsBelow(program);
  if (shell === 'fish') await write(fishScript(commands));
  else if (shell === 'bash') await write(bashScript(commands));
  else await write(`autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`);
  return 0;
}

/**
 * Completes commands, options and the values of options with choices; anything else is a file. zsh runs it
 * too, through bashcompinit.
 */
function bashScript(commands: readonly CommandUnknownOpts[]): string {
  const words = commands.map(
    (command) => `    '${fullNameOf(command)}') words='${wordsOf(command)}' ;;`,
  );
  const values = commands.flatMap((command) =>
    command.options
      .filter(({ argChoices }) => argChoices !== undefined)
      .flatMap((option) =>
        flagsOf(option).map(
          (flag) =>
            `    '${fullNameOf(command)} ${flag}') words='${option.argChoices?.join(' ')}' ;;`,
        ),
      ),
  );
  const parents = commands.filter(({ commands: below }) => below.length > 0).map(fullNameOf);
  return `_jidoka() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words=''
  local command='jidoka' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$command" in
    ${parents.map((name) => `'${name}'`).join('|')}) command="$command \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$command" in
${words.join('\n')}
  esac
  case "$command $prev" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _jidoka jidoka
`;
}

function fishScript(commands: readonly CommandUnknownOpts[]): string {
  const lines = commands.flatMap((command) => {
    const [, ...path] = fullNameOf(command).split(' ');
    const names = path.map((name) => `__fish_seen_subcommand_from ${name}`);
    const below = command.commands.map((child) => child.name());
    const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
    const when = path.length === 0 ? '__fish_use_subcommand' : [...names, ...none].join('; and ');
    const condition = ` -n '${when}'`;
    return [
      ...command.commands.map(
        (child) =>
          `complete -c jidoka -f${condition} -a ${child.name()} -d ${quoted(child.summary())}`,
      ),
      ...optionsOf(command).map((option) => {
        const long = option.long === undefined ? '' : ` -l ${option.long.slice(2)}`;
        const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
        const value =
          option.argChoices === undefined
            ? option.required
              ? ' -r'
              : ''
            : ` -xa '${option.argChoices.join(' ')}'`;
        return `complete -c jidoka${condition}${short}${long}${value} -d ${quoted(option.description)}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function wordsOf(command: CommandUnknownOpts): string {
  const below = command.commands.map((child) => child.name());
  if (below.length > 0) below.push('help');
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [...below, ...choices, ...optionsOf(command).flatMap(flagsOf)].join(' ');
}

/** Its own options, and those that commander adds. */
function optionsOf(command: CommandUnknownOpts): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
