import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** A command and all below it. */
export function commandsBelow(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(commandsBelow)];
}

/** The whole name of a command: `jidoka audit verify`. */
export function fullNameOf(command: CommandUnknownOpts): string {
  const { parent } = command;
  return parent === null ? command.name() : `${fullNameOf(parent)} ${command.name()}`;
}
