import { defineCommand, examplesHelp, exitWith } from './shared.js';

/** Defines `jidoka import`. */
export function importCommand() {
  return defineCommand('import')
    .description('Import jobs from other systems.')
    .summary('import jobs from other systems')
    .addCommand(jenkinsCommand());
}

function jenkinsCommand() {
  return defineCommand('import jenkins')
    .description(
      'Make jobs, playbooks and tests of the jobs of a Jenkins. Reads a Jenkins home, a folder of config.xml files, or one file. Changes nothing there, and copies no secrets. A report lists everything that has no equivalent.',
    )
    .summary('import jobs of Jenkins')
    .argument('<path>', 'a Jenkins home, a folder, or a config.xml')
    .option('--to <folder>', 'the folder to write to', 'imported')
    .addHelpText('after', examplesHelp('jidoka import jenkins /var/jenkins_home --to imported'))
    .action((path, options) =>
      exitWith(
        import('../import-jenkins.js').then(({ importJenkins }) => importJenkins(path, options)),
      ),
    );
}
