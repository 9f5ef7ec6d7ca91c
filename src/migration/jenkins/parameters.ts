import { classOf, type ImportFinding, isPlainText, type JenkinsParameter } from './jenkins-job.js';
import { childOf, textOf, type XmlElement } from './xml.js';

/** Names that a variable can have and that do not decide how programs run. */
const usable =
  /^(?!(?:PATH|HOME|SHELL|IFS|ENV|USER|PWD|PS4|JAVA)$|(?:BASH|LD_|DYLD_|PYTHON|PERL|RUBY|NODE_|JAVA_|GIT_|DOCKER_|JIDOKA_))[A-Za-z_][A-Za-z0-9_]{0,63}$/i;

/** A parameter as a job or a script declares it. */
export interface DeclaredParameter {
  readonly line: number;
  readonly name: string;
  /** The class of Jenkins: `StringParameterDefinition`. */
  readonly kind: string;
  readonly summary: string;
  /** Its default. That of a secret is a secret, and is left out. */
  readonly given: string | undefined;
  readonly choices: readonly string[];
}

/** Parameters that become inputs, and a finding for each other one and for what is to be narrowed. */
export interface ReadParameters {
  readonly parameters: readonly JenkinsParameter[];
  readonly findings: readonly ImportFinding[];
}

/** Reads the parameters of a job from its XML. */
export function declaredIn(definitions: readonly XmlElement[]): readonly DeclaredParameter[] {
  return definitions.map((element) => ({
    line: element.line,
    name: textOf(element, 'name'),
    kind: classOf(element.name),
    summary: textOf(element, 'description'),
    given: childOf(element, 'defaultValue')?.text.trim(),
    choices: choicesOf(childOf(element, 'choices')),
  }));
}

/** Makes inputs of parameters. */
export function readParameters(declared: readonly DeclaredParameter[]): ReadParameters {
  const parameters: JenkinsParameter[] = [];
  const findings: ImportFinding[] = [];
  for (const { line, name, kind, summary, given, choices } of declared) {
    const what = `parameter ${name} (${kind})`;
    const about = { name, summary };
    if (!usable.test(name)) {
      findings.push({
        line,
        what,
        did: 'gave the job a variable of this name',
        use: 'rename it: the name is not one for a value from outside',
      });
    } else if (kind === 'StringParameterDefinition') {
      parameters.push({ ...about, type: 'string', fallback: given, choices: [] });
      const isLeftOut = given !== undefined && !isPlainText(given);
      findings.push({
        line,
        what,
        did: 'took any text',
        use: `narrow the pattern of the input ${name} in jobs.yaml${isLeftOut ? ', and give it a default: that of the job has other characters than the pattern' : ''}`,
      });
    } else if (kind === 'BooleanParameterDefinition') {
      parameters.push({ ...about, type: 'boolean', fallback: given || 'false', choices: [] });
    } else if (kind === 'ChoiceParameterDefinition' && choices.length > 0) {
      parameters.push({ ...about, type: 'choice', fallback: choices[0], choices });
    } else if (/Password|Credentials/.test(kind)) {
      findings.push({
        line,
        what,
        did: 'gave the job a secret',
        use: `a Swarm secret: docker secret create, then secrets: in jobs.yaml; read it below /run/secrets instead of $${name}`,
      });
    } else if (kind === 'TextParameterDefinition') {
      findings.push({
        line,
        what,
        did: 'took a text of several lines',
        use: 'a Swarm config for a fixed text; values of alerts have one line',
      });
    } else {
      findings.push({
        line,
        what,
        did: 'asked for a value of another kind',
        use: 'an input of jobs.yaml, or a fixed value in env:',
      });
    }
  }
  return { parameters, findings };
}

function choicesOf(element: XmlElement | undefined): readonly string[] {
  if (element === undefined) return [];
  const strings = (one: XmlElement): string[] =>
    one.name === 'string' ? [one.text.trim()] : one.children.flatMap(strings);
  return strings(element).filter((choice) => choice !== '');
}
