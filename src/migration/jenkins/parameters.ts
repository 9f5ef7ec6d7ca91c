import { classOf, type ImportFinding, type JenkinsParameter } from './jenkins-job.js';
import { childOf, textOf, type XmlElement } from './xml.js';

/** Names that a variable can have and that do not decide how programs run. */
const usable =
  /^(?!(?:PATH|HOME|SHELL|IFS|ENV|USER|PWD|PS4|JAVA)$|(?:BASH|LD_|DYLD_|PYTHON|PERL|RUBY|NODE_|JAVA_|GIT_|DOCKER_|JIDOKA_))[A-Za-z_][A-Za-z0-9_]{0,63}$/i;

/** Reads the parameters of a job: those that become inputs, and a finding for each other one. */
export function readParameters(definitions: readonly XmlElement[]): {
  readonly parameters: readonly JenkinsParameter[];
  readonly findings: readonly ImportFinding[];
} {
  const parameters: JenkinsParameter[] = [];
  const findings: ImportFinding[] = [];
  for (const element of definitions) {
    const { line } = element;
    const name = textOf(element, 'name');
    const kind = classOf(element.name);
    const what = `parameter ${name} (${kind})`;
    const about = { name, summary: textOf(element, 'description') };
    // the default of a secret is a secret
    const given = childOf(element, 'defaultValue')?.text.trim();
    const fallback = given === '' ? undefined : given;
    if (!usable.test(name)) {
      findings.push({
        line,
        what,
        did: 'gave the job a variable of this name',
        use: 'rename it: the name is not one for a value from outside',
      });
    } else if (kind === 'StringParameterDefinition') {
      parameters.push({ ...about, type: 'string', fallback, choices: [] });
      findings.push({
        line,
        what,
        did: 'took any text',
        use: `narrow the pattern of the input ${name} in jobs.yaml`,
      });
    } else if (kind === 'BooleanParameterDefinition') {
      parameters.push({ ...about, type: 'boolean', fallback: given || 'false', choices: [] });
    } else if (kind === 'ChoiceParameterDefinition') {
      const choices = choicesOf(childOf(element, 'choices'));
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
