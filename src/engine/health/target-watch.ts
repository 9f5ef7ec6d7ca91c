import type { WatchContext } from '../../integrations/contract/connected.js';
import type { ConnectedIntegration } from '../../integrations/registry.js';
import { createTargetStatus } from './target-status.js';

/** Whether each target system answers, as it was last looked at, by the name of its integration. */
export type TargetChecks = Readonly<
  Record<string, { readonly ok: boolean; readonly detail: string }>
>;

/** Begins to watch systems: those of all integrations, and what else is asked. Keeps which of them answer. */
export function createTargetWatch(
  connected: readonly Pick<ConnectedIntegration, 'name' | 'watch'>[],
  context: WatchContext,
) {
  const watches = connected.flatMap(({ name, watch }) =>
    watch === undefined ? [] : [{ name, ...watch(context) }],
  );
  const systems = watches.flatMap(({ name, system, waits, look, isAbsent, onLost }) => {
    if (system === undefined) return [];
    const { metrics, clock, log } = context;
    const options = { target: name, system, waits, isAbsent, onLost, metrics, clock, log };
    return [{ name, look, status: createTargetStatus(options) }];
  });
  const others = watches.filter(({ system }) => system === undefined);

  return {
    /** Looks at all of them. */
    async look(): Promise<void> {
      await Promise.all([
        ...systems.map(({ look, status }) => status.look(look)),
        ...others.map(({ look }) => look()),
      ]);
    },

    /** Says which answer, of those that have been looked at. */
    checks(): TargetChecks {
      return Object.fromEntries(
        systems.flatMap(({ name, status }) => {
          const check = status.check();
          return check === undefined ? [] : [[name, check]];
        }),
      );
    },

    /** Ends the watches. */
    async stop(): Promise<void> {
      await Promise.all(watches.map(({ stop }) => stop?.()));
    },
  };
}
