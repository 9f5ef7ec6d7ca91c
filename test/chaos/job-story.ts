import type { SwarmSim } from '../../src/sim/swarm.js';
import type { Life } from './life.js';
import { atRest, escalationsOf, runsOf } from './story.js';

const image = `busybox@sha256:${'0'.repeat(64)}`;

/** The jobs of the story: one that ends by itself, and one that Jidoka has to end. */
export const jobs = `
jobs:
  clean:
    image: ${image}
    command: [sh, -c, "sleep 1; exit 0"]
    time_limit: 1m
  compact:
    image: ${image}
    command: [sh, -c, "sleep 600"]
    time_limit: 2s
    stop: { grace: 0s }
`;

/** The playbook of the story. */
export const jobPlaybook = `
name: clean
summary: Cleans up, and compacts where that does not help.
match: alertname = "Full"
mode: auto
steps:
  - swarm.job: { job: clean }
    settle: 1s
  - swarm.job: { job: compact }
guards: { cooldown: 0 }
`;

/** What there is to see at the end of the story. */
export type JobEnding = Awaited<ReturnType<typeof jobEndingOf>>;

/** What the story comes to, whoever dies on the way. */
export const expectedJobEnding: JobEnding = {
  runs: ['failed timed_out: exit 0, ended'],
  told: ['timed_out withdrawn'],
  services: ['1', '2'],
  left: [],
  locks: [],
};

/**
 * Plays the story: an alert whose playbook runs one job, which ends and does not help, and another one, which
 * runs until its time limit. A person is told, and the alert resolves.
 */
export async function playJobStory(life: Life, swarm: SwarmSim, name: string): Promise<JobEnding> {
  const full = { alertname: 'Full', id: name };
  await life.notify(full, 'firing');
  const [run] = await life.until('the run has ended', runsOf(life), (runs) => {
    return runs[0]?.state === 'ended';
  });
  await life.notify(full, 'resolved');
  await atRest(life);
  const left = () => leftOf(swarm, run?.id ?? '');
  await life.until('nothing is left over', left, (names) => names.length === 0);
  return jobEndingOf(life, swarm, run?.id ?? '');
}

/** The services and configs of the jobs of a run. */
async function leftOf(swarm: SwarmSim, run: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`jidoka.run=${run}`] }));
  const lists = await Promise.all(
    ['services', 'configs'].map(async (kind) => {
      const answer = await fetch(`${swarm.url()}/v1.41/${kind}?filters=${filters}`);
      return (await answer.json()) as { readonly Spec: { readonly Name: string } }[];
    }),
  );
  return lists.flat().map(({ Spec }) => Spec.Name);
}

async function jobEndingOf(life: Life, swarm: SwarmSim, id: string) {
  const { ledger } = life;
  const runs = await runsOf(life)();
  const prefix = `jidoka-${id}-`;
  return {
    runs: runs.map(({ outcome, attempts }) => {
      const ends = attempts.map(({ ending, execution }) =>
        ending === undefined ? `exit ${execution?.exitCode}` : 'ended',
      );
      return `${outcome?.kind} ${outcome?.reason}: ${ends.join(', ')}`;
    }),
    told: (await escalationsOf(life)()).map(({ reason, state }) => `${reason} ${state}`),
    // the numbers of the attempts whose services were created, one of each
    services: swarm.created
      .filter((one) => one.startsWith(prefix))
      .map((one) => one.slice(prefix.length)),
    left: await leftOf(swarm, id),
    locks: await ledger.redis.keys(`${ledger.keys.lock('*')}`),
  };
}
