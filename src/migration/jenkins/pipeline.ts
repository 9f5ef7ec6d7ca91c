import type { ImportFinding, JenkinsParameter, ShellStep } from './jenkins-job.js';
import { readParameters } from './parameters.js';
import { parametersInScript } from './script-parameters.js';

/** Lines of a pipeline that do nothing for a job. */
const idle =
  /^(?:#!.*|\/\/.*|\/?\*.*|agent\s+(?:any|none)|stage\s*(?:"[^"]*"|'[^']*')|echo\s+.*|println?\s*\(?.*|ansiColor.*|timestamps.*)$/;

/** What only gives a pipeline its form: words before a bracket, names of stages, brackets. */
const form =
  /\b(?:pipeline|stages|steps|node|script|parameters|properties)\b(?=\s*(?:[{([]|$))|\bstage\s*\(\s*(?:"[^"]*"|'[^']*')\s*\)|[{}()[\]\s;,]/g;

/** Whether a line is one of these. */
function isStructural(text: string): boolean {
  // the label of a node is no form
  return idle.test(text) || (!/\bnode\s*\(/.test(text) && text.replace(form, '') === '');
}

const quotes = ["'''", '"""', "'", '"'] as const;

/** What a pipeline's script holds, as far as a job of Jidoka has it. */
export interface Pipeline {
  /** Parameters that only the script declares. */
  readonly parameters: readonly JenkinsParameter[];
  readonly steps: readonly ShellStep[];
  readonly image: string | undefined;
  readonly findings: readonly ImportFinding[];
}

/**
 * Reads the script of a pipeline: its `sh` steps, and a finding for each line of other Groovy. It runs none of
 * it.
 *
 * @param firstLine the line of the file on which the script begins
 * @param inXml the names of the parameters that the XML of the job declares
 */
export function readPipeline(
  script: string,
  firstLine: number,
  inXml: ReadonlySet<string>,
): Pipeline {
  const steps: ShellStep[] = [];
  const findings: ImportFinding[] = [];
  const lineAt = (index: number) => firstLine + script.slice(0, index).split('\n').length - 1;
  /** The script with what was read left blank. */
  let rest = script;
  const blank = (start: number, end: number) => {
    rest = rest.slice(0, start) + rest.slice(start, end).replace(/[^\n]/g, ' ') + rest.slice(end);
  };
  const own = parametersInScript(script, lineAt);
  for (const { start, end } of own.places) blank(start, end);
  // Jenkins writes those of the script into the XML, too, once it has run
  const declared = readParameters(own.declared.filter(({ name }) => !inXml.has(name)));
  findings.push(...declared.findings);
  const known = new Set([...inXml, ...declared.parameters.map(({ name }) => name)]);
  for (const found of script.matchAll(/\bsh\s*\(?\s*(?:script\s*:\s*)?(?=['"])/g)) {
    const start = found.index + found[0].length;
    if (rest[start] === ' ') continue;
    const line = lineAt(found.index);
    const read = readText(script, start, known);
    if (read === undefined) continue;
    const { text, end, interpolated } = read;
    const after = /^\s*,[^\n)]*\)?|^\s*\)/.exec(script.slice(end))?.[0] ?? '';
    if (/return(?:Stdout|Status)\s*:\s*true/.test(found[0] + after)) {
      findings.push({
        line,
        what: 'sh with returnStdout or returnStatus',
        did: 'gave its output to Groovy',
        use: 'the shell: value=$(command)',
      });
    }
    for (const one of interpolated) {
      findings.push({
        line,
        what: `\${${one}} in sh`,
        did: 'put a value of Groovy into the script',
        use: 'a variable of the job: an input or env:',
      });
    }
    steps.push({ script: text, line });
    blank(found.index, end + after.length);
  }
  const image =
    /\bimage\s+['"]([^'"$]+)['"]/.exec(script)?.[1] ??
    /\bdocker\.image\(\s*['"]([^'"$]+)['"]\s*\)/.exec(script)?.[1];
  for (const [index, whole] of rest.split('\n').entries()) {
    const text = whole.replace(/\s\/\/.*$/, '').trim();
    if (isStructural(text)) continue;
    if (image !== undefined && /^(?:docker\s*\{|agent\s*\{|image\s|docker\.image\()/.test(text))
      continue;
    findings.push({ line: firstLine + index, ...explained(text) });
  }
  return { parameters: declared.parameters, steps, image, findings };
}

/** A string of Groovy, its escapes read; its interpolations of parameters become variables of the shell. */
function readText(script: string, start: number, known: ReadonlySet<string>) {
  const quote = quotes.find((one) => script.startsWith(one, start));
  if (quote === undefined) return undefined;
  let at = start + quote.length;
  let text = '';
  const interpolated: string[] = [];
  while (!script.startsWith(quote, at)) {
    if (at >= script.length) return undefined;
    const char = script[at] ?? '';
    if (char === '\\') {
      const next = script[at + 1] ?? '';
      text += { n: '\n', t: '\t', r: '\r' }[next] ?? next;
      at += 2;
      continue;
    }
    const rest = script.slice(at, at + 200);
    const found = quote.startsWith('"') ? /^\$(?:\{([^}]*)\}|([A-Za-z_]\w*))/.exec(rest) : null;
    if (found !== null) {
      const expression = (found[1] ?? found[2] ?? '').trim();
      const [, prefix, name] = /^(params\.|env\.)?([A-Za-z_]\w*)$/.exec(expression) ?? [];
      const isKnown = name !== undefined && (prefix !== undefined || known.has(name));
      if (!isKnown) interpolated.push(expression);
      // a value of Groovy was a part of the script; a variable in quotes is a value
      text += `\${${name ?? expression.replace(/\W+/g, '_')}}`;
      at += found[0].length;
      continue;
    }
    text += char;
    at += 1;
  }
  return { text, end: at + quote.length, interpolated };
}

/** What a line of Groovy did, and what to use. What may be a secret is left out. */
function explained(text: string): Omit<ImportFinding, 'line'> {
  // a text may be a secret
  const [word = text.replace(/'[^']*'?|"[^"]*"?/g, '…').slice(0, 60)] =
    /^[\w.@$]+/.exec(text) ?? [];
  const what = `Groovy: ${word}`;
  if (/credentials|withCredentials|usernamePassword|sshagent/i.test(text)) {
    const names = [...text.matchAll(/(?:credentials\(|credentialsId\s*:\s*)\s*['"]([^'"]+)/g)];
    const named = names.map(([, name]) => name).join(', ');
    return {
      what: `${what}${named && ` (credentials ${named})`}`,
      did: 'bound credentials',
      use: 'Swarm secrets: secrets: in jobs.yaml',
    };
  }
  if (/^(?:agent|label|node)\b/.test(text)) {
    return {
      what,
      did: 'chose the agent',
      use: 'constraints: in jobs.yaml, or an input of type node',
    };
  }
  if (/^(?:cron|pollSCM|upstream|triggers)\b/.test(text)) {
    return { what, did: 'started the job by itself', use: 'an alert; for a schedule keep cron' };
  }
  if (/^(?:build|parallel)\b/.test(text)) {
    return { what, did: 'ran other jobs', use: 'more steps or playbooks' };
  }
  if (/^(?:slackSend|mail|emailext)\b/.test(text)) {
    return { what, did: 'told people', use: 'nothing: Jidoka reports each run that fails' };
  }
  if (/^(?:git|checkout|dir|stash|unstash|archiveArtifacts|junit)\b/.test(text)) {
    return { what, did: 'worked with files of the workspace', use: 'an image that holds them' };
  }
  if (/^(?:bat|powershell|pwsh)\b/.test(text)) {
    return { what, did: 'ran a script of Windows', use: 'a script for a shell' };
  }
  if (/^timeout\b/.test(text)) {
    return { what, did: 'bounded the time', use: 'time_limit: in jobs.yaml' };
  }
  if (/^(?:parameters|string|booleanParam|choice|text|password)\b/.test(text)) {
    return {
      what,
      did: 'declared a parameter',
      use: 'an input in jobs.yaml: its values are worked out by Groovy',
    };
  }
  if (
    /^(?:post|always|success|failure|options|environment|tools|when|catchError|retry)\b/.test(text)
  ) {
    return {
      what,
      did: 'ran or set something around the steps',
      use: 'the script itself, or the keys of the playbook',
    };
  }
  return { what, did: 'ran as Groovy', use: 'the shell' };
}
