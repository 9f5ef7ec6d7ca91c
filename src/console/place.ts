const base = 'http://console.invalid';

/**
 * Reads a place of this console (`/runs?state=open`) from text of others.
 *
 * @returns `null` for a text that leads, or could lead, to another host.
 */
export function placeIn(text: string): string | null {
  if (!text.startsWith('/') || !URL.canParse(text, base)) return null;
  const { origin, pathname, search } = new URL(text, base);
  // what is left of /.//host is //host, and a browser would take that for another host
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}` : null;
}
