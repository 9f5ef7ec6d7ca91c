import type { SwarmSim } from '../../src/sim/swarm.js';
import type { Life } from './life.js';

/** The playbook of the story. */
export const playbook = `
name: add
summary: Adds a replica, twice if once does not help.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 1s
    repeat: 2
guards: { cooldown: 0 }
`;

/** The playbook of the story of a run that is cancelled. */
export const cancelledPlaybook = `
name: hold
summary: Adds a replica, twice if once does not help.
match: alertname = "Stuck"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 10m
    repeat: 2
    undo: true
guards: { cooldown: 0 }
`;

const labels = { 'com.df.scaleMin': '1', 'com.df.scaleMax': '8' };

/** What there is to see at the end of the story. */
export type Ending = Awaited<ReturnType<typeof endingOf>>;

/** What the story comes to, whoever dies on the way. */
export const expectedEnding: Ending = {
  effects: ['1 → 2', '2 → 3', '1 → 2'],
  sentWithoutIntention: 0,
  runs: ['failed exhausted 2', 'done resolved 1'],
  told: ['exhausted withdrawn', 'no_match answered', 'learned answered'],
  episodes: 2,
  locks: [],
};

/**
 * Plays the story: an alert whose playbook acts twice and helps nothing, which a person is told; then
 * an alert that no playbook knows, which a person answers with a click, and declines to make a playbook of.
 *
 * @param name tells its services from those of others
 */
export async function playStory(life: Life, swarm: SwarmSim, name: string): Promise<Ending> {
  const services = [`slow-${name}`, `odd-${name}`] as const;
  const ids = services.map((each) => swarm.addService({ name: each, replicas: 1, labels }));
  const slow = { alertname: 'Slow', service: services[0] };
  const odd = { alertname: 'OddLoad', service: services[1] };
  const { until } = life;

  await life.notify(slow, 'firing');
  await until('the run has ended', runsOf(life), (runs) => runs[0]?.state === 'ended');
  await life.notify(slow, 'resolved');
  await atRest(life);

  await life.notify(odd, 'firing');
  const unknown = async () =>
    (await escalationsOf(life)()).find(({ reason }) => reason === 'no_match');
  const question = await until(
    'a person is asked, with the size that is suggested',
    unknown,
    (one) => one?.choices?.some(({ id }) => id === 'up') ?? false,
  );
  await life.answer(question?.id ?? '', 'up');
  const isCarriedOut = (runs: { state: string }[]) =>
    ['settling', 'ended'].includes(runs[1]?.state ?? '');
  await until('the click was carried out', runsOf(life), isCarriedOut);
  await life.notify(odd, 'resolved');
  const lesson = async () => (await escalationsOf(life)()).find(({ kind }) => kind === 'lesson');
  const offer = await until('a playbook is offered', lesson, (one) => one !== undefined);
  await life.answer(offer?.id ?? '', 'not-now');
  await atRest(life);
  return endingOf(life, swarm, services, ids);
}

/** What the story of a run comes to that is cancelled, whoever dies on the way. */
export const cancelledEnding: Ending = {
  effects: ['1 → 2', '2 → 1'],
  sentWithoutIntention: 0,
  runs: ['withdrawn cancelled 1', 'done chosen 2'],
  told: ['cancelled answered'],
  episodes: 1,
  locks: [],
};

/**
 * Plays the story of a run that a person cancels after its first change, and whose change a person undoes
 * then.
 *
 * @param name tells its service from those of others
 */
export async function playCancelledStory(
  life: Life,
  swarm: SwarmSim,
  name: string,
): Promise<Ending> {
  const service = `stuck-${name}`;
  const id = swarm.addService({ name: service, replicas: 1, labels });
  const stuck = { alertname: 'Stuck', service };
  const { until } = life;
  await life.notify(stuck, 'firing');
  const isSettling = (runs: { state: string }[]) => runs[0]?.state === 'settling';
  const [run] = await until('the run waits for its alert', runsOf(life), isSettling);
  await life.cancel(run?.id ?? '');
  await until('the run has ended', runsOf(life), (runs) => runs[0]?.state === 'ended');
  const report = await until(
    'a person is offered to undo it',
    async () => (await escalationsOf(life)()).find(({ reason }) => reason === 'cancelled'),
    (one) => one?.choices?.some((choice) => choice.id === 'undo') ?? false,
  );
  await life.answer(report?.id ?? '', 'undo');
  await until('it is undone', runsOf(life), (runs) => runs[1]?.state === 'ended');
  await life.notify(stuck, 'resolved');
  await atRest(life);
  return endingOf(life, swarm, [service], [id]);
}

/** Waits until nothing fires and nothing is left to do, messages included; evidence is only looked at. */
export async function atRest({ ledger, until }: Life): Promise<void> {
  const { keys, redis } = ledger;
  await until(
    'nothing is left to do',
    async () => ({
      open: await redis.zrange(keys.openEpisodes, '0', '-1'),
      runs: await redis.zrange(keys.activeRuns, '0', '-1'),
      schedule: (await redis.zrange(keys.schedule, '0', '-1')).filter(
        (item) => !item.startsWith('evidence:'),
      ),
    }),
    (left) => Object.values(left).every((items) => items.length === 0),
  );
}

/** Reads the runs. */
export function runsOf({ ledger }: Life) {
  return async () => {
    const ids = await ledger.redis.zrange(ledger.keys.runs, '0', '-1');
    const runs = await Promise.all(ids.map((id) => ledger.run(id)));
    return runs.flatMap((run) => (run === null ? [] : [run.value]));
  };
}

/** Reads the escalations. */
export function escalationsOf({ ledger }: Life) {
  return async () => {
    const ids = await ledger.redis.zrange(ledger.keys.escalations, '0', '-1');
    const found = await Promise.all(ids.map((id) => ledger.escalation(id)));
    return found.flatMap((one) => (one === null ? [] : [one.value]));
  };
}

async function endingOf(
  life: Life,
  swarm: SwarmSim,
  services: readonly string[],
  ids: readonly string[],
) {
  const { ledger } = life;
  const runs = await runsOf(life)();
  const audit = await ledger.redis.xrange(ledger.keys.audit, '-', '+');
  const intentions = audit.filter(([, fields]) => fields[1]?.includes('"event":"applying"')).length;
  const posts = swarm.requests.filter((request) =>
    ids.some((id) => request.includes(`${id}/update`)),
  );
  return {
    effects: swarm.updates
      .filter(({ service }) => services.includes(service))
      .map(({ from, to }) => `${from} → ${to}`),
    sentWithoutIntention: Math.max(0, posts.length - intentions),
    runs: runs.map(
      ({ outcome, attempts }) => `${outcome?.kind} ${outcome?.reason} ${attempts.length}`,
    ),
    told: (await escalationsOf(life)()).map(({ reason, state }) => `${reason} ${state}`),
    episodes: await ledger.redis.zcard(ledger.keys.episodes),
    locks: await ledger.redis.keys(`${ledger.keys.lock('*')}`),
  };
}
