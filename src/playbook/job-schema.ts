import { z } from 'zod';
import { compileAnchoredRegex, RegexError } from '../alertmanager/regex.js';
import { maxValueLength, readJobValue } from '../integrations/contract/job-values.js';
import { InputError } from '../lib/errors.js';
import { durationField, readWith, textField } from '../lib/field.js';
import { compileTemplate } from './expression.js';
import { matchField } from './schema.js';

/** Variables that decide which programs run or how: no value of an alert may set them. */
const reservedVariables =
  /^(?:PATH|HOME|SHELL|IFS|ENV|USER|PWD|PS4|BASH.*|LD_.*|DYLD_.*|PYTHON.*|PERL.*|RUBY.*|NODE_.*|JAVA_.*|JAVA|GIT_.*|DOCKER_.*|JIDOKA_.*)$/i;

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'expected letters, digits and _, as in a variable');

const inputName = variable.refine((name) => !reservedVariables.test(name), {
  error: 'this variable decides how programs run; use another name',
});

const common = {
  summary: textField.optional().describe('What it is, for the form of a run by hand.'),
};

const value = z.union([z.string(), z.number(), z.boolean()]).optional();

const inputField = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('string'),
        pattern: z.string().optional(),
        values: z.array(z.string()).min(1).optional(),
        max_length: z.int().min(1).max(maxValueLength).default(200),
        default: value,
        ...common,
      })
      .refine(({ pattern, values }) => pattern !== undefined || values !== undefined, {
        error: 'expected "pattern" or "values": an alert may hold any text',
      }),
    z.strictObject({
      type: z.literal('number'),
      min: z.number().optional(),
      max: z.number().optional(),
      default: value,
      ...common,
    }),
    z.strictObject({
      type: z.enum(['boolean', 'duration', 'service', 'node']),
      default: value,
      ...common,
    }),
  ])
  .superRefine((input, context) => {
    const fault = inputFault(input);
    if (fault !== undefined) context.addIssue({ code: 'custom', ...fault });
  });

function inputFault(input: Parameters<typeof readJobValue>[1]) {
  if (input.type === 'string' && input.pattern !== undefined) {
    try {
      compileAnchoredRegex(input.pattern);
    } catch (error) {
      if (error instanceof RegexError) return { path: ['pattern'], message: error.message };
      throw error;
    }
  }
  if (input.default === undefined) return undefined;
  try {
    readJobValue('default', input, input.default);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return { path: ['default'], message: error.message };
    throw error;
  }
}

const bytes = z
  .string()
  .regex(/^[1-9]\d*[KMG]iB$/, 'expected a size such as 256MiB')
  .transform((text) => {
    const units = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;
    return Number.parseInt(text, 10) * units[text.at(-3) as keyof typeof units];
  })
  .pipe(z.number().min(6 * 2 ** 20, 'expected at least 6MiB, the least that Docker takes'))
  .meta({ title: 'size' });

const absolutePath = z
  .string()
  .regex(/^\/[^\p{Cc}:,]*$/u, 'expected an absolute path')
  .refine((path) => !path.split('/').some((part) => part === '..' || part === '.'), {
    error: 'expected a path without . and ..',
  });

const mount = z.strictObject({
  source: absolutePath.describe('The folder on the node. policy.yaml has to allow it.'),
  target: absolutePath.describe('Where the job sees it.'),
  read_only: z.boolean().default(true).describe('Whether the job may only read it.'),
});

const nameField = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/, 'expected a name');

const environmentField = z.record(
  variable,
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
);

const offerField = z
  .strictObject({
    match: matchField.meta({
      description: 'For which alerts: Alertmanager matchers, all of which must match.',
      examples: [['alertname = "DiskAlmostFull"', 'instance != ""']],
    }),
    with: z
      .record(
        inputName,
        readWith(z.union([z.string(), z.number(), z.boolean()]), compileTemplate).meta({
          title: 'string, number, boolean or expression',
        }),
      )
      .default({})
      .meta({
        title: 'mapping',
        description: 'The values of its inputs, with expressions as in a playbook.',
        examples: [{ node: '${{ labels.instance }}' }],
      }),
  })
  .optional()
  .describe('For which alerts people get the job as a button. Left out: for none.');

const jobField = z
  .strictObject({
    summary: textField.optional().meta({
      description: 'What the job does, in one sentence.',
      examples: ['Frees disk space.'],
    }),
    image: z
      .string()
      .regex(/^[a-z0-9][a-zA-Z0-9._:/@-]{0,254}$/, 'expected an image such as alpine:3.22')
      .optional()
      .meta({
        description:
          'The image. Jidoka resolves a tag to its digest and records it. A job without an image cannot run.',
        examples: ['alpine:3.22', 'registry.example.com/ops@sha256:…'],
      }),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({
        description: 'The command and its arguments, as a list. No shell reads it.',
        examples: [['docker', 'image', 'prune', '-af']],
      }),
    script: z
      .string()
      .regex(
        /^(?!\.)[a-zA-Z0-9_][a-zA-Z0-9_./-]*$/,
        'expected a file beside jobs.yaml, such as clean-disk.sh',
      )
      .refine((path) => !path.split('/').includes('..'), { error: 'expected a path without ..' })
      .optional()
      .meta({
        description:
          'A script beside jobs.yaml. It runs with the interpreter of its first line, or with `command`.',
        examples: ['clean-disk.sh'],
      }),
    env: environmentField.default({}).describe('Environment variables that are always the same.'),
    inputs: z
      .record(inputName, inputField)
      .default({})
      .meta({
        title: 'mapping',
        description:
          'The values that a step may give. Each has a type: string with `pattern` or `values`, number with `min` and `max`, boolean, duration, service, node. `default` makes it optional.',
        examples: [{ days: { type: 'number', min: 1, max: 30, default: 7 } }],
      }),
    secrets: z
      .array(nameField)
      .default([])
      .describe('Swarm secrets, by name. The job reads them below /run/secrets.'),
    configs: z
      .array(nameField)
      .default([])
      .describe('Swarm configs, by name. The job reads each at /NAME.'),
    networks: z.array(nameField).default([]).describe('Networks, by name.'),
    constraints: z
      .array(textField)
      .default([])
      .meta({ description: 'Placement constraints.', examples: [['node.role == worker']] }),
    user: z
      .string()
      .regex(/^[a-zA-Z0-9_][a-zA-Z0-9_:.-]*$/, 'expected a user such as 1000 or app:app')
      .optional()
      .describe("The user in the container. Default: the image's."),
    read_only: z
      .boolean()
      .default(true)
      .describe('Whether the root file system is read-only. /tmp stays writable.'),
    capabilities: z
      .array(z.string().regex(/^CAP_[A-Z_]+$/, 'expected a capability such as CAP_NET_ADMIN'))
      .default([])
      .describe('Capabilities of the container. Jidoka drops all others.'),
    limits: z
      .strictObject({
        cpus: z.number().min(0.01).max(1_000).default(1).describe('Processors.'),
        memory: bytes.prefault('256MiB').describe('Memory.'),
        pids: z.int().min(1).max(100_000).default(128).describe('Processes and threads.'),
      })
      .prefault({})
      .describe('What the container may use.'),
    time_limit: durationField
      .refine((ms) => ms >= 1_000 && ms <= 24 * 3_600_000, 'expected a time from 1s to 1d')
      .meta({
        title: 'duration',
        description: 'How long the job may take, including the download of its image.',
        examples: ['10m'],
      }),
    stop: z
      .strictObject({
        signal: z
          .string()
          .regex(/^SIG[A-Z0-9]+$/, 'expected a signal such as SIGTERM')
          .default('SIGTERM')
          .describe('The signal that ends it.'),
        grace: durationField
          .refine((ms) => ms <= 10 * 60_000, 'expected at most 10m')
          .default(10_000)
          .describe('How long it has to end before it is killed.'),
      })
      .prefault({})
      .describe('How Jidoka ends it.'),
    log: z
      .enum(['first_and_last', 'none'])
      .default('first_and_last')
      .describe('Which output Jidoka keeps: the first and last 8 KiB, or none.'),
    exit_codes: z
      .record(
        z
          .string()
          .regex(/^(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/, 'expected a code from 0 to 255'),
        z.enum(['done', 'retry', 'failed']),
      )
      .default({})
      .meta({
        title: 'mapping',
        description: 'What exit codes mean. Default: 0 is done, 75 is retry, others failed.',
        examples: [{ 3: 'done' }],
      }),
    max_running: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('How many runs may use the job at once. One run at a time works on a target.'),
    mounts: z
      .array(mount)
      .default([])
      .describe('Folders of the node. policy.yaml has to allow each (jobs: mounts:).'),
    docker_socket: z
      .boolean()
      .default(false)
      .describe('Whether the job gets the Docker socket, which makes it root on the node.'),
    offer: offerField,
  })
  .superRefine(({ command, script, inputs }, context) => {
    if (command === undefined && script === undefined) {
      context.addIssue({ code: 'custom', message: 'expected "command", "script" or both' });
    }
    for (const type of ['service', 'node'] as const) {
      const [, second] = Object.entries(inputs).filter(([, input]) => input.type === type);
      if (second === undefined) continue;
      const message = `expected at most one input of type ${type}: it is the target`;
      context.addIssue({ code: 'custom', path: ['inputs', second[0]], message });
    }
  });

/** The schema of `jobs.yaml`: the one source of its keys and of their default values. */
export const jobsSchema = z.strictObject({
  jobs: z
    .record(
      z
        .string()
        .max(40)
        .regex(
          /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
          'expected small letters, digits and single hyphens, such as clean-disk',
        ),
      jobField,
    )
    .default({})
    .describe('The jobs, by name.'),
});
