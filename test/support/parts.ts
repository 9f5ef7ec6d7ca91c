import { inject } from 'vitest';
import type { AlertmanagerPrograms } from './parts/alertmanager.js';
import type { DockerPart } from './parts/docker.js';
import type { PrometheusPrograms } from './parts/prometheus.js';

/** A part, or why it could not be had. */
export type Had<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** What the global set-up hands to the tests. */
export interface Parts {
  /** Holds the data of every part of this run of the tests; removed at the end. */
  readonly dir: string;
  /** A Redis shared by all tests: keep to key prefixes of your own. */
  readonly redis: Had<{ readonly url: string }>;
  /** An engine that manages a Swarm, shared by all tests: keep to service names of your own. */
  readonly docker: Had<DockerPart>;
  readonly prometheus: Had<PrometheusPrograms>;
  readonly alertmanager: Had<AlertmanagerPrograms>;
  /** A browser without a window. */
  readonly chromium: Had<{ readonly path: string }>;
}

declare module 'vitest' {
  interface ProvidedContext {
    parts: Parts;
  }
}

type PartName = Exclude<keyof Parts, 'dir'>;
type PartOf<Name extends PartName> = Extract<Parts[Name], { ok: true }>['value'];

/** A part that the tests need. Throws the reason where it could not be had, so that they fail with it. */
export function usePart<Name extends PartName>(name: Name): PartOf<Name> {
  const part: Had<unknown> = inject('parts')[name];
  if (!part.ok) throw new Error(`${name} could not be had for the tests: ${part.reason}`);
  return part.value as PartOf<Name>;
}
