import { z } from 'zod';

const text = z.string().trim().max(500).default('').catch('');

/** What the overview is asked to show, as its address says; what cannot be read counts as not asked. */
export const overviewQuerySchema = z.object({
  /** Words, or `name=value`, each of which an item must have. */
  q: text,
  service: text,
  owner: text,
  severity: text,
  playbook: text,
  group: z.enum(['', 'none']).default('').catch(''),
  page: z.coerce.number().int().min(1).max(1_000).default(1).catch(1),
});

export type OverviewQuery = z.output<typeof overviewQuerySchema>;

/** Whether anything narrows down what is shown. */
export function isFiltered({ q, service, owner, severity, playbook }: OverviewQuery): boolean {
  return [q, service, owner, severity, playbook].some((value) => value !== '');
}

/** The address of the overview with this query, changed in part; its first page where a filter changes. */
export function overviewPath(query: OverviewQuery, change: Partial<OverviewQuery> = {}): string {
  const { page, ...rest } = { ...query, page: 1, ...change };
  const given = Object.entries(rest).filter(([, value]) => value !== '');
  if (page > 1) given.push(['page', String(page)]);
  const search = new URLSearchParams(given).toString();
  return search === '' ? '/' : `/?${search}`;
}
