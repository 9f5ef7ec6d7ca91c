// What `npm run bench` measures. `once`: measured in the first round only, because it takes long or does
// not vary. Each part is loaded when it is measured, after everything is built.

/** In the order in which they are measured and shown. */
export const parts = [
  { name: 'intake', load: async () => (await import('./intake.mjs')).measureIntake },
  { name: 'idle', load: async () => (await import('./idle.mjs')).measureIdle },
  { name: 'starvation', load: async () => (await import('./starvation.mjs')).measureStarvation },
  { name: 'decisions', load: async () => (await import('./decisions.mjs')).measureDecisions },
  { name: 'crowd', once: true, load: async () => (await import('./decisions.mjs')).measureCrowd },
  { name: 'playbooks', load: async () => (await import('./playbooks.mjs')).measurePlaybooks },
  { name: 'runs', once: true, load: async () => (await import('./runs.mjs')).measureRuns },
  { name: 'workers', once: true, load: async () => (await import('./workers.mjs')).measureWorkers },
  { name: 'peers', load: async () => (await import('./peers.mjs')).measurePeers },
  { name: 'queued', once: true, load: async () => (await import('./queued.mjs')).measureQueued },
  {
    name: 'growth',
    once: true,
    load: async () => (await import('./growth.mjs')).measureGrowth,
  },
  { name: 'footprint', load: async () => (await import('./footprint.mjs')).measureFootprint },
];
