import type { ImportFinding, ShellStep } from './jenkins-job.js';

/** Variables that every shell or container has, and those of awk, which stand in its programs as `$NF`. */
const ofTheShell =
  /^(?:PATH|HOME|PWD|OLDPWD|USER|HOSTNAME|SHELL|TERM|LANG|TMPDIR|IFS|PS4|OPTARG|OPTIND|PPID|UID|EUID|RANDOM|SECONDS|LINENO|REPLY|PIPESTATUS|FUNCNAME|BASH\w*|NF|NR|FS)$/;

/** Variables that Jenkins itself sets for each build. */
const ofJenkins =
  /^(?:BUILD_\w+|JOB_\w+|RUN_\w+|NODE_NAME|NODE_LABELS|WORKSPACE\w*|JENKINS_\w+|HUDSON_\w+|EXECUTOR_NUMBER|GIT_\w+|SVN_\w+|BRANCH_NAME|CHANGE_\w+|TAG_NAME|STAGE_NAME|CI)$/;

/**
 * Finds variables that a script of a shell reads and that neither it nor the job's parameters set: Jenkins, a
 * plugin or the agent did.
 */
export function foreignVariables(
  steps: readonly ShellStep[],
  known: ReadonlySet<string>,
): readonly ImportFinding[] {
  const all = steps.map(({ script }) => script).join('\n');
  const named = /^(?:[ \t]*#.*\n?)|\$\{?[!#]?([A-Za-z_]\w*)/gm;
  const findings: ImportFinding[] = [];
  const seen = new Set(known);
  for (const { script, line } of steps) {
    if (/^#!/.test(script) && !/^#!.*\b(?:ba|da|a|k|z)?sh\b/.test(script)) continue;
    for (const found of script.matchAll(named)) {
      const [, name] = found;
      if (name === undefined || seen.has(name) || ofTheShell.test(name)) continue;
      seen.add(name);
      if (isSet(name, all)) continue;
      findings.push({
        line: line + script.slice(0, found.index).split('\n').length - 1,
        what: `variable ${name}`,
        did: ofJenkins.test(name)
          ? 'was set by Jenkins for each build'
          : 'was set outside the script, by Jenkins, a plugin or the agent',
        use: 'an input or env: in jobs.yaml, a Swarm secret if it is one, or nothing',
      });
    }
  }
  return findings;
}

/** Whether a script gives a variable a value of its own. */
function isSet(name: string, script: string): boolean {
  return new RegExp(
    String.raw`(?:^|[\s;&|({"'])(?:${name}\+?=|for\s+${name}\b|select\s+${name}\b|read\b[^\n;|]*\b${name}\b|getopts\s+\S+\s+${name}\b|(?:local|declare|typeset|readonly|export)\b[^\n;]*\b${name}=|mapfile\b[^\n;]*\b${name}\b|printf\s+-v\s+${name}\b)|\$\{${name}:?=`,
    'm',
  ).test(script);
}
