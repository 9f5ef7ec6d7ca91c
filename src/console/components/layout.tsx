import type { Child } from 'hono/jsx';
import type { Assets } from '../assets.js';
import type { Visitor } from '../visit.js';
import { Button, Form } from './form.js';

interface LayoutProps {
  readonly title: string;
  readonly path: string;
  readonly assets: Assets;
  /** `undefined`: the visitor has not signed in. */
  readonly visitor: Visitor | undefined;
  /** Whether the page is kept up to date while it is open. */
  readonly live: boolean;
  readonly children?: Child;
}

/** The sections of the console, in the order of the navigation. */
const sections = [
  { path: '/', name: 'Now' },
  { path: '/runs', name: 'Runs' },
  { path: '/playbooks', name: 'Playbooks' },
  { path: '/history', name: 'History' },
] as const;

/** What stands around each page. */
export function Layout({ title, path, assets, visitor, live, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Jidoka`}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.style} />
        <script src={assets.script} defer />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <a class="brand" href="/">
            <img src={assets.icon} alt="" width="24" height="24" />
            Jidoka
          </a>
          {visitor && <Navigation path={path} />}
          {visitor && <Who visitor={visitor} />}
        </header>
        <main id="main" tabindex={-1} data-live={live ? '/events' : undefined}>
          {children}
        </main>
        <p class="live" id="live" role="status" hidden />
      </body>
    </html>
  );
}

function Navigation({ path }: { readonly path: string }) {
  return (
    <nav aria-label="Sections">
      <ul>
        {sections.map((section) => {
          const isHere = section.path === '/' ? path === '/' : path.startsWith(section.path);
          return (
            <li>
              <a href={section.path} aria-current={isHere ? 'page' : undefined}>
                {section.name}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Who({ visitor }: { readonly visitor: Visitor }) {
  if (!visitor.isSignedIn) {
    return (
      <div class="who">
        <a href="/sign-in">Say who you are</a>
      </div>
    );
  }
  return (
    <div class="who">
      <span>
        {visitor.name} <small>({visitor.role})</small>
      </span>
      <Form action="/sign-out" csrf={visitor.csrf} inline>
        <Button quiet>Sign out</Button>
      </Form>
    </div>
  );
}
