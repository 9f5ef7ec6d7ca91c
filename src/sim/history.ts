/*
 * A made-up record of what an engine received: for tests and measurements, the same for the same seed.
 */

/** How much of it there is. */
export interface HistorySize {
  /** Alerts in all notifications; a few more, so that the last one is whole. */
  readonly alerts: number;
  /** How many different alerts there are. */
  readonly identities: number;
  readonly seed: number;
}

interface Member {
  readonly labels: Readonly<Record<string, string>>;
  readonly fingerprint: string;
  firing: boolean;
  startsAtMs: number;
  /** When it fires or resolves next. */
  nextMs: number;
  /** It resolved, and nobody was told yet. */
  resolvedAtMs: number | null;
}

interface Group {
  readonly name: string;
  readonly members: Member[];
  toldAtMs: number;
}

const minute = 60_000;
const beginMs = Date.parse('2026-01-01T00:00:00Z');
const groupIntervalMs = 5 * minute;
const repeatIntervalMs = 240 * minute;
const quietMs = 30 * 60 * minute;
/** How long an alert fires: most for some minutes, some for most of a day. */
const shortMs = 20 * minute;
const longMs = 15 * 60 * minute;
const stormEveryMs = 11 * 60 * minute;
const goZeroTime = '0001-01-01T00:00:00Z';

/** The names of the alerts; the alerts of a name are a group. */
const alertNames: readonly string[] = Array.from(
  { length: 40 },
  (_, index) => `${['ServiceSlow', 'ServiceIdle', 'QueueLong', 'MemoryHigh'][index % 4]}${index}`,
);

/**
 * Lines of a history as Alertmanager makes it: alerts in groups, of which each is sent again when one of
 * its alerts fires or resolves, and every four hours. Twice a day a tenth of all fires at once.
 */
export function* makeHistory({ alerts, identities, seed }: HistorySize): Generator<string> {
  const random = createRandom(seed);
  const groups = alertNames.map((name, index) => makeGroup(name, index, identities, random));
  const everyMs = groupIntervalMs / groups.length;
  let sent = 0;
  let stormMs = beginMs + stormEveryMs / 2;
  for (let turn = 0; sent < alerts; turn += 1) {
    const nowMs = Math.round(beginMs + turn * everyMs);
    if (nowMs >= stormMs) {
      stormMs += stormEveryMs;
      startStorm(groups, nowMs, random);
    }
    const group = groups[turn % groups.length] as Group;
    const changed = moveOn(group, nowMs, random);
    if (!changed && group.toldAtMs + repeatIntervalMs > nowMs) continue;
    const told = group.members.filter((one) => one.firing || one.resolvedAtMs !== null);
    if (told.length === 0) continue;
    group.toldAtMs = nowMs;
    yield lineOf(group, told, nowMs, random);
    sent += told.length;
    for (const member of told) member.resolvedAtMs = null;
  }
}

function makeGroup(name: string, index: number, identities: number, random: () => number): Group {
  const count = Math.ceil((identities - index) / alertNames.length);
  const members = Array.from({ length: count }, (_, place): Member => {
    const labels = {
      alertname: name,
      service: `shop_service-${(place * 7 + index) % 300}`,
      severity: place % 3 === 0 ? 'critical' : 'warning',
      cluster: `eu-${place % 4}`,
      instance: `10.0.${index}.${place}:8080`,
      job: 'swarm',
      team: `team-${index % 7}`,
    };
    const fingerprint = (index * 1_000_003 + place * 7_919).toString(16).padStart(16, '0');
    const nextMs = beginMs + random() * quietMs;
    return { labels, fingerprint, firing: false, startsAtMs: 0, nextMs, resolvedAtMs: null };
  });
  return { name, members, toldAtMs: 0 };
}

/** Lets alerts of a group fire and resolve whose time has come. */
function moveOn({ members }: Group, nowMs: number, random: () => number): boolean {
  let changed = false;
  for (const member of members) {
    if (member.nextMs > nowMs) continue;
    changed = true;
    if (member.firing) {
      member.firing = false;
      member.resolvedAtMs = member.nextMs;
      member.nextMs = nowMs - Math.log(1 - random()) * quietMs;
    } else {
      member.firing = true;
      member.startsAtMs = member.nextMs;
      const defaultMs = random() < 0.2 ? longMs : shortMs;
      member.nextMs = nowMs + minute - Math.log(1 - random()) * defaultMs;
    }
  }
  return changed;
}

function startStorm(groups: readonly Group[], nowMs: number, random: () => number): void {
  for (const { members } of groups) {
    for (const member of members) {
      if (!member.firing && random() < 0.1) member.nextMs = nowMs + random() * 2 * minute;
    }
  }
}

function lineOf(
  { name }: Group,
  told: readonly Member[],
  nowMs: number,
  random: () => number,
): string {
  const groupLabels = { alertname: name };
  return JSON.stringify({
    received_at: iso(nowMs + random() * 1_000),
    source: 'alertmanager',
    via: 'webhook',
    notification: {
      version: '4',
      groupKey: `{}/{job="swarm"}:{alertname="${name}"}`,
      receiver: 'jidoka',
      status: told.some(({ firing }) => firing) ? 'firing' : 'resolved',
      truncatedAlerts: 0,
      groupLabels,
      commonLabels: { ...groupLabels, job: 'swarm' },
      commonAnnotations: {},
      alerts: told.map((member) => alertOf(member, random)),
      externalURL: 'http://alertmanager.example.com:9093',
    },
  });
}

function alertOf({ labels, fingerprint, ...member }: Member, random: () => number) {
  const { startsAtMs, resolvedAtMs } = member;
  return {
    status: resolvedAtMs === null ? 'firing' : 'resolved',
    labels,
    annotations: {
      summary: `${labels.service} is in trouble`,
      description: `The 95th percentile is ${(1 + random() * 3).toFixed(3)} s`,
      runbook_url: `https://runbooks.example.com/${labels.alertname}`,
    },
    startsAt: iso(startsAtMs),
    endsAt: resolvedAtMs === null ? goZeroTime : iso(resolvedAtMs),
    generatorURL: `http://prometheus.example.com:9090/graph?g0.expr=${labels.alertname}&g0.tab=1`,
    fingerprint,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Numbers from 0 up to 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Playbooks for four fifths of the alerts of `makeHistory`, and a policy whose limits leave room for its
 * storms: a text each by its file's name.
 */
export function makePlaybooks(): ReadonlyMap<string, string> {
  const playbooks = alertNames.flatMap((name, index): [string, string][] =>
    index % 10 > 7 ? [] : [[`${String(index).padStart(2, '0')}.yaml`, playbookFor(name, index)]],
  );
  return new Map([...playbooks, ['policy.yaml', policy]]);
}

const policy = `
limits: { fleet: [1000 per 1h], playbook: [200 per 1h], target: [20 per 1h] }
blast_radius: { targets: 100 per 10m }
`;

function playbookFor(name: string, index: number): string {
  const common = `name: ${name.toLowerCase()}\nsummary: For alerts named ${name}.\nmatch:\n  - alertname = "${name}"\n`;
  if (index % 10 === 7) return `${common}ignore: true\n`;
  const by = name.startsWith('ServiceIdle') ? -1 : 1;
  const mode = index % 10 === 5 ? 'approve' : index % 10 === 6 ? 'shadow' : 'auto';
  return `${common}  - severity =~ "warning|critical"
mode: ${mode}
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: ${by} }
    settle: 2m
    repeat: 2
guards: { cooldown: 10m, limits: [3 per 1h] }
escalate: { channel: "#team-${index % 7}" }
`;
}
