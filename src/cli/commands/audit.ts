import { defineCommand, examplesHelp, exitWith, outputOption } from './shared.js';

/** Defines `jidoka audit` and its commands. */
export function auditCommand() {
  return defineCommand('audit')
    .description('Verify or export the audit trail.')
    .summary('verify or export the audit trail')
    .addCommand(verifyCommand())
    .addCommand(exportCommand());
}

function verifyCommand() {
  return defineCommand('audit verify')
    .description('Check that the audit trail is unchanged since it was sealed.')
    .summary('check that the trail is unchanged')
    .option('--file <file>', 'verify this export instead of Redis; "-" for standard input')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Exit code 1: the trail was changed, or it is not sealed.
${examplesHelp('jidoka audit verify', 'jidoka audit export | jidoka audit verify --file -')}`,
    )
    .action((options) =>
      exitWith(
        import('../audit-verify.js').then(({ auditVerify }) => auditVerify(options, process.env)),
      ),
    );
}

function exportCommand() {
  return defineCommand('audit export')
    .description('Write the audit trail to standard output, as JSON lines.')
    .summary('write the trail as JSON lines')
    .option('--since <time>', 'first record, as in 2026-01-31T08:00:00Z')
    .option('--until <time>', 'last record')
    .action((options) =>
      exitWith(
        import('../audit-export.js').then(({ auditExport }) => auditExport(options, process.env)),
      ),
    );
}
