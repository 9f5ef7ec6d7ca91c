import { Argument } from '@commander-js/extra-typings';
import { defineCommand, exitWith } from './shared.js';

/** Defines `jidoka completion`. */
export function completionCommand() {
  return defineCommand('completion')
    .description('Print the completion script of a shell.')
    .summary('print a completion script')
    .addArgument(new Argument('<shell>', 'shell').choices(['bash', 'zsh', 'fish'] as const))
    .addHelpText(
      'after',
      `
Load it at the start of your shell:
  bash  eval "$(jidoka completion bash)" in ~/.bashrc
  zsh   eval "$(jidoka completion zsh)" in ~/.zshrc, after compinit
  fish  jidoka completion fish > ~/.config/fish/completions/jidoka.fish`,
    )
    .action((shell, _, command) =>
      exitWith(
        import('../completion.js').then(({ completion }) => completion(shell, command.parent)),
      ),
    );
}
