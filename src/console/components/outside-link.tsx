import type { Child } from 'hono/jsx';

/**
 * A link to somewhere else that an alert brought along. Only http and https lead anywhere; anything
 * else is shown as text, because it would be run as a script or a program.
 */
export function OutsideLink({
  url,
  children,
}: {
  readonly url: string;
  readonly children?: Child;
}) {
  if (!isWeb(url)) return <>{children}</>;
  return (
    <a href={url} rel="noreferrer noopener" target="_blank">
      {children}
    </a>
  );
}

/** Whether an address leads to a web page. */
function isWeb(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
