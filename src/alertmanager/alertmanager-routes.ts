import { parse } from 'yaml';

/** What Alertmanager's configuration says about one receiver. */
export interface ReceiverRoutes {
  /** Whether there is a receiver of that name. */
  readonly exists: boolean;
  /**
   * Whether a route to it is muted at times (`mute_time_intervals`, `active_time_intervals`). The
   * list of alerts shows such an alert as active in every version so far: its handler passes no
   * `mutedBy` (api/v2/api.go).
   */
  readonly mutedAtTimes: boolean;
}

interface Route {
  readonly receiver?: unknown;
  readonly routes?: unknown;
  readonly mute_time_intervals?: unknown;
  readonly active_time_intervals?: unknown;
}

/** Looks a receiver up in a configuration (YAML); `null`: the configuration cannot be read. */
export function routesTo(receiver: string, config: string | null): ReceiverRoutes | null {
  if (config === null) return null;
  try {
    const { route, receivers } = parse(config) as { route?: Route; receivers?: unknown };
    if (typeof route !== 'object' || route === null || !Array.isArray(receivers)) return null;
    return {
      exists: receivers.some((one: { name?: unknown } | null) => one?.name === receiver),
      mutedAtTimes: isMutedAtTimes(route, receiver, undefined),
    };
  } catch {
    return null;
  }
}

/** A route has its parent's receiver unless it names one; its times are its own (dispatch/route.go). */
function isMutedAtTimes(route: Route, receiver: string, inherited: unknown): boolean {
  const leadsTo = route.receiver ?? inherited;
  const hasTimes = isFilled(route.mute_time_intervals) || isFilled(route.active_time_intervals);
  if (hasTimes && leadsTo === receiver) return true;
  const children = Array.isArray(route.routes) ? (route.routes as Route[]) : [];
  return children.some((child) => isMutedAtTimes(child, receiver, leadsTo));
}

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}
