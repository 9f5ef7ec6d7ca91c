import { classOf, type ImportFinding, type JenkinsJob, type ShellStep } from './jenkins-job.js';
import { readParameters } from './parameters.js';
import { readPipeline } from './pipeline.js';
import { childOf, readXml, textOf, type XmlElement } from './xml.js';

/** Elements that say nothing that a job of Jidoka would have to keep. */
const neutral = new Set([
  ...['actions', 'description', 'displayName', 'keepDependencies', 'canRoam', 'concurrentBuild'],
  ...['blockBuildWhenDownstreamBuilding', 'blockBuildWhenUpstreamBuilding', 'quietPeriod'],
  ...['scmCheckoutRetryCount', 'customWorkspace', 'jdk', 'logRotator'],
]);

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
  const read = readParameters(definitions);
  findings.push(...read.findings);
  const known = new Set(read.parameters.map((parameter) => parameter.name));

  for (const element of root.children) {
    const { name: key, line, children } = element;
    switch (key) {
      case 'builders':
        for (const builder of children) {
          if (classOf(builder.name) === 'Shell') {
            steps.push({ script: childOf(builder, 'command')?.text ?? '', line: builder.line });
          } else {
            add(
              builder.line,
              `builder ${classOf(builder.name)}`,
              'was a step of the build',
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
            `pipeline from a repository${path && ` (${path})`}`,
            'read its script from version control',
            'import the Jenkinsfile: put its script into an inline pipeline first',
          );
        } else {
          const pipeline = readPipeline(script.text, script.line, known);
          steps.push(...pipeline.steps);
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
          const isMail = /Mailer|Slack|Email/i.test(publisher.name);
          const use = isMail
            ? 'nothing: Jidoka reports each run that fails'
            : 'the script itself, or another step';
          add(publisher.line, `publisher ${classOf(publisher.name)}`, did, use);
        }
        break;
      case 'triggers':
        for (const trigger of children) {
          const spec = textOf(trigger, 'spec').replace(/\s+/g, ' ');
          add(
            trigger.line,
            `trigger ${classOf(trigger.name)}${spec && ` (${spec})`}`,
            'started the job by itself',
            'an alert; for a schedule keep cron',
          );
        }
        break;
      case 'properties':
        for (const property of children) propertyFinding(property, add);
        break;
      case 'scm':
        if (!/NullSCM/.test(element.attributes.class ?? 'NullSCM')) {
          add(
            line,
            `scm ${classOf(element.attributes.class ?? '')}`,
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
        if (!neutral.has(key)) add(line, key, 'set the job up', 'look whether it is needed');
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
  return {
    ...{ name, file, kind: root.name, summary: textOf(root, 'description') },
    ...{ parameters: read.parameters, steps: steps.filter(({ script }) => script.trim() !== '') },
    ...{ image, timeLimit },
    findings: findings.toSorted((one, other) => one.line - other.line),
  };
}

type Add = (line: number, what: string, did: string, use: string) => void;

function wrapperFinding(wrapper: XmlElement, add: Add): void {
  if (!/Secret|Credential|Password/i.test(wrapper.name)) {
    add(
      wrapper.line,
      `wrapper ${classOf(wrapper.name)}`,
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
    add(wrapper.line, `wrapper ${classOf(wrapper.name)}`, 'bound credentials', use);
}

function propertyFinding(property: XmlElement, add: Add): void {
  const kind = classOf(property.name);
  if (kind === 'ParametersDefinitionProperty') return;
  if (kind === 'PipelineTriggersJobProperty') {
    for (const trigger of childOf(property, 'triggers')?.children ?? []) {
      const spec = textOf(trigger, 'spec').replace(/\s+/g, ' ');
      add(
        trigger.line,
        `trigger ${classOf(trigger.name)}${spec && ` (${spec})`}`,
        'started the job by itself',
        'an alert; for a schedule keep cron',
      );
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
  add(property.line, `property ${kind}`, 'set the job up', 'look whether it is needed');
}

function allNamed(element: XmlElement, name: string): XmlElement[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => allNamed(child, name)),
  ];
}
