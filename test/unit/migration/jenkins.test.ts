import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkPaths } from '../../../src/cli/check/findings.js';
import { importJenkins } from '../../../src/cli/import-jenkins.js';
import { runFiles } from '../../../src/cli/test/run-files.js';
import { InputError } from '../../../src/lib/errors.js';
import { importJobs } from '../../../src/migration/jenkins/import-jobs.js';
import { readJenkinsJob } from '../../../src/migration/jenkins/read-job.js';

const root = await mkdtemp(join(tmpdir(), 'jidoka-import-'));
afterAll(() => rm(root, { recursive: true }));

const freestyle = `<?xml version='1.1' encoding='UTF-8'?>
<project>
  <description>Frees a disk &amp; tells no one</description>
  <keepDependencies>false</keepDependencies>
  <properties>
    <hudson.model.ParametersDefinitionProperty>
      <parameterDefinitions>
        <hudson.model.StringParameterDefinition>
          <name>HOST</name>
          <defaultValue>node-1</defaultValue>
        </hudson.model.StringParameterDefinition>
        <hudson.model.ChoiceParameterDefinition>
          <name>LEVEL</name>
          <choices class="java.util.Arrays$ArrayList"><a class="string-array"><string>low</string><string>high</string></a></choices>
        </hudson.model.ChoiceParameterDefinition>
        <hudson.model.BooleanParameterDefinition><name>FORCE</name><defaultValue>true</defaultValue></hudson.model.BooleanParameterDefinition>
        <hudson.model.PasswordParameterDefinition><name>PASS</name><defaultValue>{AQAAsecret-value}</defaultValue></hudson.model.PasswordParameterDefinition>
      </parameterDefinitions>
    </hudson.model.ParametersDefinitionProperty>
    <com.example.OddProperty plugin="odd@1"/>
  </properties>
  <scm class="hudson.plugins.git.GitSCM"/>
  <assignedNode>docker</assignedNode>
  <authToken>token-value-1</authToken>
  <triggers><hudson.triggers.TimerTrigger><spec>H 4 * * *</spec></hudson.triggers.TimerTrigger></triggers>
  <builders>
    <hudson.tasks.Shell><command>#!/bin/bash
echo "freeing \${HOST}" &amp;&amp; df</command></hudson.tasks.Shell>
    <hudson.tasks.Maven><targets>clean</targets></hudson.tasks.Maven>
  </builders>
  <publishers><hudson.tasks.Mailer/></publishers>
  <buildWrappers>
    <org.jenkinsci.plugins.credentialsbinding.impl.SecretBuildWrapper>
      <bindings><org.jenkinsci.plugins.credentialsbinding.impl.StringBinding><credentialsId>api</credentialsId><variable>API_TOKEN</variable></org.jenkinsci.plugins.credentialsbinding.impl.StringBinding></bindings>
    </org.jenkinsci.plugins.credentialsbinding.impl.SecretBuildWrapper>
    <hudson.plugins.build__timeout.BuildTimeoutWrapper><strategy><timeoutMinutes>7</timeoutMinutes></strategy></hudson.plugins.build__timeout.BuildTimeoutWrapper>
  </buildWrappers>
</project>
`;

const pipeline = (script: string) =>
  `<flow-definition><definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"><script>${script.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</script><sandbox>true</sandbox></definition></flow-definition>`;

test('a freestyle job becomes a job, a playbook and a test; what is left over is listed', async () => {
  const { files, imported } = importJobs([{ name: 'CleanDisk', file: 'a.xml', text: freestyle }]);
  expect(imported).toBe(1);
  expect(files.map(({ file }) => file)).toEqual([
    ...['jobs.yaml', 'clean-disk.sh', 'clean-disk.yaml', 'clean-disk.test.yaml', 'report.md'],
  ]);
  const [jobs, script, playbook, , report] = files.map(({ text }) => text);
  expect(script).toBe('#!/bin/bash\necho "freeing ${HOST}" && df\n');
  expect(jobs).toMatch(/time_limit: 7m/);
  expect(jobs).toMatch(/LEVEL:\s+type: string\s+values:\s+- low\s+- high/);
  expect(playbook).toMatch(/alertname = "CleanDisk"/);
  for (const said of [
    ...['parameter PASS', 'builder Maven', 'label docker', 'a token for calls', 'H 4 \\* \\* \\*'],
    ...['property OddProperty', 'scm GitSCM', 'publisher Mailer', 'credentials api, API_TOKEN'],
    ...['jobs\\.clean-disk\\.image'],
  ]) {
    expect(report).toMatch(new RegExp(said.replaceAll('\\*', '\\*')));
  }
  expect(JSON.stringify(files)).not.toMatch(/secret-value|token-value/);
});

test('what is written can be loaded, and the check names the image that is missing', async () => {
  const from = join(root, 'home', 'jobs', 'CleanDisk');
  await mkdir(join(from, 'builds', '1'), { recursive: true });
  await writeFile(join(root, 'home', 'config.xml'), '<hudson/>');
  await writeFile(join(from, 'config.xml'), freestyle);
  await writeFile(join(from, 'builds', '1', 'build.xml'), '<build/>');
  const to = join(root, 'imported');
  expect(await importJenkins(join(root, 'home'), { to })).toBe(0);
  expect((await readdir(to)).toSorted()).toEqual([
    'clean-disk.sh',
    'clean-disk.test.yaml',
    'clean-disk.yaml',
    'jobs.yaml',
    'report.md',
  ]);
  const checked = await checkPaths({ paths: [to], folder: to, policy: undefined });
  expect(checked.findings).toMatchObject([
    { severity: 'warning', message: expect.stringMatching(/job clean-disk has no image/) },
  ]);
  const ran = await runFiles({ paths: [to], folder: to, policy: undefined, only: '' });
  expect(
    ran.flatMap(({ findings, results }) => [
      ...findings,
      ...results.flatMap(({ differences }) => differences),
    ]),
  ).toEqual([]);
  await expect(importJenkins(join(root, 'home'), { to })).rejects.toThrow(/is there already/);
  expect(await readFile(join(from, 'config.xml'), 'utf8')).toBe(freestyle);
});

test('a pipeline becomes its sh steps; other Groovy is listed with its line', async () => {
  const script = `pipeline {
  agent { docker { image 'alpine:3.22' } }
  stages {
    stage('One') {
      steps {
        sh 'echo "one" && df'
        sh """
          echo two \${params.NAME} \${computed()} $home
        """
        build job: 'other'
      }
    }
  }
  post { always { slackSend 'x' } }
}`;
  const job = readJenkinsJob('p', 'p.xml', pipeline(script));
  expect(job.image).toBe('alpine:3.22');
  expect(job.steps.map((step) => step.script.trim())).toEqual([
    'echo "one" && df',
    'echo two ${NAME} ${computed_} ${home}',
  ]);
  expect(job.findings).toMatchObject([
    { line: 7, what: '${computed()} in sh' },
    { line: 7, what: '${home} in sh' },
    { line: 8, what: 'variable NAME' },
    { line: 10, what: 'Groovy: build' },
    { line: 14, what: 'Groovy: post' },
  ]);
  const { files } = importJobs([{ name: 'p', file: 'p.xml', text: pipeline(script) }]);
  const to = join(root, 'pipeline');
  await mkdir(to);
  for (const { file, text } of files) await writeFile(join(to, file), text);
  const ran = await runFiles({ paths: [to], folder: to, policy: undefined, only: '' });
  expect(
    ran.flatMap(({ findings, results }) => [
      ...findings,
      ...results.flatMap(({ differences }) => differences),
    ]),
  ).toEqual([]);
});

test("the book's jobs are the shipped playbooks", () => {
  const script = "node { sh 'docker service scale $service=$scale' }";
  const { files, imported } = importJobs([
    { name: 'service-scale', file: 'config.xml', text: pipeline(script) },
  ]);
  expect(imported).toBe(0);
  expect(files.map(({ file }) => file)).toEqual(['report.md']);
  expect(files[0]?.text).toMatch(/`jenkins-service-scale` does the same/);
});

test.each([
  [
    'a matrix',
    '<matrix-project><builders/></matrix-project>',
    /no shell step[\s\S]*kind matrix-project/,
  ],
  [
    'a pipeline in a repository',
    '<flow-definition><definition class="x"><scm/><scriptPath>Jenkinsfile</scriptPath></definition></flow-definition>',
    /pipeline from a repository/,
  ],
  ['no XML', 'hello', /Not imported/],
  ['half of one', '<project><builders>', /Not imported: .*not closed/],
])('%s is said to be left', (_, text, said) => {
  const { files, left } = importJobs([{ name: 'a', file: 'a.xml', text }]);
  expect(left).toBe(1);
  expect(files[0]?.text).toMatch(said);
});

test('two jobs of one name after its letters are told apart', () => {
  const text =
    '<project><builders><hudson.tasks.Shell><command>true</command></hudson.tasks.Shell></builders></project>';
  const { files } = importJobs(
    ['Clean', 'clean', 'ops/clean'].map((name) => ({ name, file: name, text })),
  );
  expect(files.filter(({ file }) => file.endsWith('.sh')).map(({ file }) => file)).toEqual([
    ...['clean.sh', 'clean-2.sh', 'ops-clean.sh'],
  ]);
});

test('whatever a file holds, it is read or refused in words', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<project>',
      '</project>',
      '<builders>',
      '<hudson.tasks.Shell>',
      '<command>',
      '</',
      '<![CDATA[',
      ']]>',
      '&#x0;',
      '&#99999999;',
      '<!--',
      '-->',
      '<a b="c"/>',
      '<!DOCTYPE x [<!ENTITY e "e">]>',
      '&e;',
    ),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        readJenkinsJob('a', 'a.xml', pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
  );
});

/** The rows of the report about one job. */
function reportOf(text: string): string {
  const { files } = importJobs([{ name: 'job', file: 'config.xml', text }]);
  return files.find(({ file }) => file === 'report.md')?.text ?? '';
}

test('parameters that only the script declares become inputs, or are listed', async () => {
  const text = pipeline(`pipeline {
  agent any
  parameters {
    string(name: 'SERVICE', defaultValue: 'web', description: 'The "service"')
    string(name: 'TAG', defaultValue: '')
    booleanParam(name: 'FORCE', defaultValue: true)
    choice(name: 'LEVEL', choices: ['low', 'high'])
    choice name: 'MODE', choices: 'dry\\nwet', description: ''
    password(name: 'PASS', defaultValue: 'a-secret-value')
    string(name: 'DAY', defaultValue: new Date().format('d'))
  }
  stages { stage('x') { steps { sh "scale \${SERVICE} \${params.TAG} $LEVEL" } } }
}`);
  const { files } = importJobs([{ name: 'scale', file: 'config.xml', text }]);
  const jobs = files.find(({ file }) => file === 'jobs.yaml')?.text ?? '';
  expect(parse(jobs).jobs.scale.inputs).toEqual({
    SERVICE: {
      type: 'string',
      pattern: expect.anything(),
      default: 'web',
      summary: 'The "service"',
    },
    TAG: { type: 'string', pattern: expect.anything(), default: '' },
    FORCE: { type: 'boolean', default: true },
    LEVEL: { type: 'string', values: ['low', 'high'], default: 'low' },
    MODE: { type: 'string', values: ['dry', 'wet'], default: 'dry' },
  });
  const report = files.find(({ file }) => file === 'report.md')?.text ?? '';
  expect(report).toContain('| 9 | parameter PASS (PasswordParameterDefinition)');
  expect(report).toContain('| 10 | Groovy: string | declared a parameter |');
  expect(report).not.toContain('in sh');
  expect(JSON.stringify(files)).not.toContain('a-secret-value');
  const dir = join(root, 'declared');
  await mkdir(dir);
  for (const { file, text } of files) await writeFile(join(dir, file), text);
  const { findings } = await checkPaths({ paths: [dir], folder: dir, policy: undefined });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test('properties of a scripted pipeline declare parameters, too; those of the XML come first', () => {
  const script = `properties([
  parameters([string(name: 'HOST', defaultValue: 'a'), string(name: 'OWN', defaultValue: 'b')])
])
node('docker') { sh 'clean "$HOST" "$OWN"' }`;
  const text = pipeline(script).replace(
    '<definition',
    `<properties><hudson.model.ParametersDefinitionProperty><parameterDefinitions><hudson.model.StringParameterDefinition><name>HOST</name><defaultValue>x</defaultValue></hudson.model.StringParameterDefinition></parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties><definition`,
  );
  const { parameters, findings } = readJenkinsJob('job', 'config.xml', text);
  expect(parameters.map(({ name, fallback }) => [name, fallback])).toEqual([
    ['HOST', 'x'],
    ['OWN', 'b'],
  ]);
  expect(findings.map(({ what }) => what)).toEqual([
    'parameter HOST (StringParameterDefinition)',
    'parameter OWN (StringParameterDefinition)',
    'Groovy: node',
  ]);
});

test('the report names jobs, credentials, variables and settings around the script, and copies no secret', () => {
  const text = `<project>
  <concurrentBuild>true</concurrentBuild>
  <quietPeriod>5</quietPeriod>
  <customWorkspace>/srv/work</customWorkspace>
  <jdk>(System)</jdk>
  <blockBuildWhenUpstreamBuilding>false</blockBuildWhenUpstreamBuilding>
  <scm class="hudson.plugins.git.GitSCM"><remote><credentialsId>git-key</credentialsId></remote></scm>
  <properties>
    <EnvInjectJobProperty><info><propertiesContent>REGION=north
API_TOKEN=value-of-secret-1</propertiesContent></info></EnvInjectJobProperty>
  </properties>
  <triggers>
    <jenkins.triggers.ReverseBuildTrigger><spec/><upstreamProjects>build, pack</upstreamProjects></jenkins.triggers.ReverseBuildTrigger>
    <com.example.HookTrigger><secretToken>value-of-secret-2</secretToken></com.example.HookTrigger>
  </triggers>
  <builders>
    <hudson.tasks.Shell><command>region=$REGION
for one in a b; do deploy "$one" "$region" "\${BUILD_NUMBER}" "$HOME"; done
# only a word: $COMMENT
</command></hudson.tasks.Shell>
    <hudson.tasks.BatchFile><command>dir</command></hudson.tasks.BatchFile>
  </builders>
  <publishers>
    <hudson.tasks.BuildTrigger><childProjects>smoke</childProjects></hudson.tasks.BuildTrigger>
    <com.example.Upload><passwordScrambled>value-of-secret-3</passwordScrambled></com.example.Upload>
  </publishers>
</project>`;
  const report = reportOf(text);
  const rows = report.split('\n').filter((line) => /^\| \d/.test(line));
  expect(rows.map((row) => row.split(' | ').slice(0, 2).join(' '))).toEqual([
    '| 2 concurrentBuild true',
    '| 3 quietPeriod 5',
    '| 4 customWorkspace /srv/work',
    '| 7 scm GitSCM; credentials git-key',
    '| 9 property EnvInjectJobProperty; variables REGION, API_TOKEN',
    '| 13 trigger ReverseBuildTrigger; jobs build, pack',
    '| 14 trigger HookTrigger; not copied: secretToken',
    '| 17 variable REGION',
    '| 18 variable BUILD_NUMBER',
    '| 21 builder BatchFile',
    '| 24 publisher BuildTrigger; jobs smoke',
    '| 25 publisher Upload; not copied: passwordScrambled',
  ]);
  expect(report).not.toContain('value-of-secret');
});

test('of Groovy that begins with a text, the text is left out', () => {
  const report = reportOf(pipeline(`node {\n  "value-of-secret".trim()\n  sh 'true'\n} // node`));
  expect(report).toContain('| 2 | Groovy: ….trim() |');
  expect(report).not.toContain('value-of-secret');
  expect(report.split('\n').filter((line) => /^\| \d/.test(line))).toHaveLength(1);
});

test.each([
  ['jobs/clean-disk/config.xml', 'clean-disk'],
  ['jobs/clean-disk', 'clean-disk'],
  ['jobs/team/jobs/scale/config.xml', 'team/scale'],
  ['exported.xml', 'exported'],
])('the job of %s is called %s', async (path, name) => {
  const dir = await mkdtemp(join(root, 'named-'));
  const file = path.endsWith('.xml') ? path : `${path}/config.xml`;
  await mkdir(join(dir, file, '..'), { recursive: true });
  await writeFile(join(dir, file), freestyle);
  expect(await importJenkins(join(dir, path), { to: join(dir, 'to') })).toBe(0);
  expect(await readFile(join(dir, 'to', 'report.md'), 'utf8')).toContain(`\n## ${name}\n`);
});
