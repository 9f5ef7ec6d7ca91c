import { placeIn } from './place.js';
import type { ConsoleContext } from './visit.js';

/**
 * Leads back to the page on which a form was sent, so that a reload of it sends nothing again. The
 * browser says which page that was; only a page of ours counts.
 */
export function back(c: ConsoleContext, otherwise = '/') {
  const cameFrom = c.get('cameFrom');
  if (cameFrom !== undefined) return c.redirect(cameFrom, 303);
  const referer = c.req.header('referer') ?? '';
  const host = c.req.header('host');
  if (!URL.canParse(referer)) return c.redirect(otherwise, 303);
  const { host: from, pathname, search } = new URL(referer);
  const place = from === host ? placeIn(`${pathname}${search}`) : null;
  return c.redirect(place ?? otherwise, 303);
}
