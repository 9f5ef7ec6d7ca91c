import { classOf, type ImportFinding, type JenkinsJob, type ShellStep } from './jenkins-job.js';
import { namesIn } from './names-in.js';
import { declaredIn, readParameters } from './parameters.js';
import { readPipeline } from './pipeline.js';
import { foreignVariables } from './script-variables.js';
import { childOf, readXml, textOf, type XmlElement } from './xml.js';

/** Elements that say nothing that a job of Jidoka would have to keep. */
const neutral = new Set(['actions', 'description', 'displayName', 'keepDependencies', 'canRoam']);

/** Settings that are listed where they are set: what each did, and what to use. */
const settings: Readonly<Record<string, readonly [did: string, use: string]>> = {
  concurrentBuild: ['ran several builds at once', 'max_running: in jobs.yaml'],
  blockBuildWhenDownstreamBuilding: ['waited for other jobs', 'the order of steps in a playbook'],
  blockBuildWhenUpstreamBuilding: ['waited for other jobs', 'the order of steps in a playbook'],
  quietPeriod: ['waited before it started', 'for: of the alert'],
  scmCheckoutRetryCount: ['tried a checkout again', 'nothing: a job checks nothing out'],
  customWorkspace: ['worked in this folder of the agent', 'mounts: in jobs.yaml'],
  jdk: ['chose a Java', 'an image that holds it'],
  logRotator: ['removed old builds', 'audit: keep: in policy.yaml'],
};
/** Values of settings that say no more than their absence. */
const unset = new Set(['', 'false', '0', '(System)', '(Default)', '(Inherit From Job)']);

/**
 * Reads one `config.xml`.
 *
 * @param name of the job, as its address has it
 * @throws InputError for a file that is no XML.
 */
export function readJenkinsJob(name: string, file: string, text: string): JenkinsJob {
  const root = readXml(text.replace(/^\ufeff/, ''));
  const kind = classOf(root.name);
  const findings: ImportFinding[] = [];
  const steps: ShellStep[] = [];
  let image: string | undefined;
  let timeLimit: number | undefined;
  const add = (line: number, what: string, did: string, use: string) =>
    findings.push({ line, what, did, use });

  const definitions = allNamed(root, 'parameterDefinitions').flatMap(({ children }) => children);
  const read = readParameters(declaredIn(definitions));
  findings.push(...read.findings);
  const known = new Set(definitions.map((one) => textOf(one, 'name')));
  const parameters = [...read.parameters];

  for (const element of root.children) {
    const { name: key, line, children } = element;
    switch (key) {
      case 'builders':
        for (const builder of children) {
          if (classOf(builder.name) === 'Shell') {
            const command = childOf(builder, 'command') ?? builder;
            steps.push({ script: command.text, line: command.line });
          } else {
            add(
              builder.line,
              `builder ${classOf(builder.name)}${namesIn(builder)}`,
              /BatchFile|PowerShell/.test(builder.name)
                ? 'ran a script of Windows'
                : 'was a step of the build',
              'the same call in the script',
            );
          }
        }
        break;
      case 'definition': {
        const script = childOf(element, 'script');
        if (script === undefined) {
          const path = textOf(element, 'scriptPath');
          add(
            line,
            `pipeline from a repository${path && ` (${path})`}${namesIn(element)}`,
            'read its script from version control',
            'import the Jenkinsfile: put its script into an inline pipeline first',
          );
        } else {
          const pipeline = readPipeline(script.text, script.line, known);
          steps.push(...pipeline.steps);
          parameters.push(...pipeline.parameters);
          findings.push(...pipeline.findings);
          image = pipeline.image;
        }
        for (const other of children) {
          if (!['script', 'scriptPath', 'sandbox', 'lightweight', 'scm'].includes(other.name)) {
            add(
              other.line,
              `definition ${other.name}`,
              'set the pipeline up',
              'look whether it is needed',
            );
          }
        }
        break;
      }
      case 'buildWrappers':
        for (const wrapper of children) {
          const minutes = Number(textOf(childOf(wrapper, 'strategy'), 'timeoutMinutes'));
          if (/BuildTimeout/.test(wrapper.name) && minutes > 0) timeLimit = minutes;
          else wrapperFinding(wrapper, add);
        }
        break;
      case 'publishers':
        for (const publisher of children) {
          const did = 'ran after the build';
          const isMail = /Mailer|Slack|Email|Notif|Chat|Teams/i.test(publisher.name);
          const use = isMail
            ? 'nothing: Jidoka reports each run that fails'
            : 'the script itself, or another step';
          const startsJobs = /BuildTrigger$/.test(publisher.name);
          add(
            publisher.line,
            `publisher ${classOf(publisher.name)}${namesIn(publisher)}`,
            startsJobs ? 'started other jobs after the build' : did,
            startsJobs ? 'another step of the playbook for each of them' : use,
          );
        }
        break;
      case 'triggers':
        for (const trigger of children) triggerFinding(trigger, add);
        break;
      case 'properties':
        for (const property of children) propertyFinding(property, add);
        break;
      case 'scm':
        if (!/NullSCM/.test(element.attributes.class ?? 'NullSCM')) {
          add(
            line,
            `scm ${classOf(element.attributes.class ?? '')}${namesIn(element)}`,
            'checked files out',
            'an image that holds them',
          );
        }
        break;
      case 'assignedNode':
        add(
          line,
          `label ${element.text.trim()}`,
          'chose the agent',
          'constraints: in jobs.yaml, or an input of type node',
        );
        break;
      case 'authToken':
        add(
          line,
          'a token for calls from outside',
          'let callers start the job',
          'JIDOKA_WEBHOOK_TOKEN; the token itself is not copied',
        );
        break;
      case 'disabled':
        if (element.text.trim() === 'true')
          add(
            line,
            'the job is disabled',
            'kept it from running',
            'remove the playbook, or leave it in mode: approve',
          );
        break;
      default:
        if (Object.hasOwn(settings, key)) {
          const text = element.text.trim();
          const [did = '', use = ''] = settings[key] ?? [];
          const isSet = children.length > 0 || !unset.has(text);
          if (isSet) add(line, `${key}${text && ` ${text}`}`, did, use);
        } else if (!neutral.has(key)) {
          add(line, `${key}${namesIn(element)}`, 'set the job up', 'look whether it is needed');
        }
    }
  }
  if (!['project', 'flow-definition'].includes(root.name)) {
    add(
      root.line,
      `a job of the kind ${kind}`,
      'was built in its own way',
      'a job of your own: only freestyle jobs and pipelines are imported',
    );
  }
  const used = steps.filter(({ script }) => script.trim() !== '');
  const given = new Set([...known, ...parameters.map((parameter) => parameter.name)]);
  // what Groovy put into the script is listed as that
  for (const { what } of findings) {
    const [, expression] = /^\$\{(.*)\} in sh$/.exec(what) ?? [];
    if (expression !== undefined) given.add(expression.replace(/\W+/g, '_'));
  }
  findings.push(...foreignVariables(used, given));
  return {
    ...{ name, file, kind: root.name, summary: textOf(root, 'description') },
    ...{ parameters, steps: used },
    ...{ image, timeLimit },
    findings: findings.toSorted((one, other) => one.line - other.line),
  };
}

type Add = (line: number, what: string, did: string, use: string) => void;

function wrapperFinding(wrapper: XmlElement, add: Add): void {
  if (!/Secret|Credential|Password/i.test(wrapper.name)) {
    add(
      wrapper.line,
      `wrapper ${classOf(wrapper.name)}${namesIn(wrapper)}`,
      'ran around the build',
      'the script itself',
    );
    return;
  }
  const use = 'Swarm secrets: secrets: in jobs.yaml; read them below /run/secrets';
  const bindings = childOf(wrapper, 'bindings')?.children ?? [];
  for (const binding of bindings) {
    // names only: values are not in this file, and would not be copied if they were
    const names = ['credentialsId', 'variable', 'usernameVariable', 'passwordVariable'].flatMap(
      (key) => textOf(binding, key) || [],
    );
    add(binding.line, `credentials ${names.join(', ')}`, 'bound credentials', use);
  }
  if (bindings.length === 0)
    add(
      wrapper.line,
      `wrapper ${classOf(wrapper.name)}${namesIn(wrapper)}`,
      'bound credentials',
      use,
    );
}

function propertyFinding(property: XmlElement, add: Add): void {
  const kind = classOf(property.name);
  if (kind === 'ParametersDefinitionProperty') return;
  if (kind === 'PipelineTriggersJobProperty') {
    for (const trigger of childOf(property, 'triggers')?.children ?? []) {
      triggerFinding(trigger, add);
    }
    return;
  }
  if (kind === 'BuildDiscarderProperty') {
    add(
      property.line,
      'how long builds are kept',
      'removed old builds',
      'audit: keep: in policy.yaml',
    );
    return;
  }
  if (kind === 'DisableConcurrentBuildsJobProperty') return;
  const isEnv = /EnvInject/.test(kind);
  add(
    property.line,
    `property ${kind}${namesIn(property)}`,
    isEnv ? 'set variables' : 'set the job up',
    isEnv ? 'env: in jobs.yaml, and Swarm secrets' : 'look whether it is needed',
  );
}

function triggerFinding(trigger: XmlElement, add: Add): void {
  const spec = textOf(trigger, 'spec').replace(/\s+/g, ' ');
  add(
    trigger.line,
    `trigger ${classOf(trigger.name)}${spec && ` (${spec})`}${namesIn(trigger)}`,
    'started the job by itself',
    'an alert; for a schedule keep cron',
  );
}

function allNamed(element: XmlElement, name: string): XmlElement[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => allNamed(child, name)),
  ];
}
