import type { Pause, PauseScope } from '../../guard/pause.js';
import { UsageError } from '../usage-error.js';

/** The options by which `pause` and `resume` say what they are about. */
export interface ScopeOptions {
  readonly playbook?: string | undefined;
  readonly target?: string | undefined;
  readonly direction?: 'up' | 'down' | undefined;
}

/**
 * What the options name; everything where they name nothing.
 *
 * @throws UsageError if they name more than one thing.
 */
export function readScope({ playbook, target, direction }: ScopeOptions): PauseScope {
  const named: PauseScope[] = [
    ...(playbook === undefined ? [] : [{ of: 'playbook' as const, name: playbook }]),
    ...(target === undefined ? [] : [{ of: 'target' as const, name: target }]),
    ...(direction === undefined ? [] : [{ of: 'direction' as const, name: direction }]),
  ];
  if (named.length > 1) {
    throw new UsageError('expected one of --playbook, --target and --direction, or none of them');
  }
  return named[0] ?? { of: 'everything' };
}

/** What a pause halts, as the API takes it: without who paused it and why. */
export function scopeOf(pause: Pause): { readonly of: string; readonly name?: string } {
  return pause.of === 'everything' ? { of: pause.of } : { of: pause.of, name: pause.name };
}

/** A scope as people say it: `the playbook scale-up`. */
export function describeScope(scope: PauseScope): string {
  return scope.of === 'everything' ? 'everything' : `the ${scope.of} ${scope.name}`;
}

/** Whether two scopes are about the same thing. */
export function isSameScope(one: PauseScope, other: PauseScope): boolean {
  return describeScope(one) === describeScope(other);
}
