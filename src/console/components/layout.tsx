import type { Child } from 'hono/jsx';
import type { Assets } from '../assets.js';
import type { EngineStatus } from '../status.js';
import { mayChange, type Visitor } from '../visit.js';
import { Badge } from './badge.js';
import { Button, Form } from './form.js';

interface LayoutProps {
  readonly title: string;
  readonly path: string;
  readonly assets: Assets;
  /** `undefined`: the visitor has not signed in. */
  readonly visitor: Visitor | undefined;
  /** `undefined`: no one was let in. */
  readonly status: EngineStatus | undefined;
  /** Whether the page is kept up to date while it is open. */
  readonly live: boolean;
  readonly children?: Child;
}

/** The sections of the console, in the order of the navigation. */
const sections = [
  { path: '/', name: 'Overview' },
  { path: '/escalations', name: 'Escalations' },
  { path: '/alerts', name: 'Alerts' },
  { path: '/runs', name: 'Runs' },
  { path: '/playbooks', name: 'Playbooks' },
  { path: '/services', name: 'Services' },
  { path: '/history', name: 'History' },
] as const;

/** What stands around each page. */
export function Layout(props: LayoutProps) {
  const { title, path, assets, visitor, status, live, children } = props;
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
            <img src={assets.icon} alt="Jidoka" width="22" height="22" />
            <span class="brand-name" aria-hidden="true">
              Jidoka
            </span>
          </a>
          {visitor && <Navigation path={path} />}
          {visitor && (
            <div class="top-right">
              {status && <Status status={status} visitor={visitor} />}
              <Who visitor={visitor} />
            </div>
          )}
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
              <a
                class="section-link"
                href={section.path}
                aria-current={isHere ? 'page' : undefined}
              >
                {section.name}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** How the engine is, how much is open, and the way to stop it. */
function Status(props: { readonly status: EngineStatus; readonly visitor: Visitor }) {
  const { status, visitor } = props;
  const { open, isPaused } = status;
  return (
    <section id="status" class="status" aria-label="Engine">
      <Health status={status} />
      {open !== null && (
        <a href="/" class="open-items">
          <b>{open}</b> open
        </a>
      )}
      {isPaused && <Badge tone="warn">Paused</Badge>}
      {mayChange(visitor) && (
        <a class="button small" href="/pauses">
          {isPaused ? 'Resume…' : 'Pause…'}
        </a>
      )}
    </section>
  );
}

function Health({ status: { faults } }: { readonly status: EngineStatus }) {
  if (faults === null) return <span class="health warn">Health unknown</span>;
  const isHealthy = faults.length === 0;
  return (
    <a
      class={isHealthy ? 'health good' : 'health bad'}
      href="/#connections"
      title={isHealthy ? 'All checks pass' : faults.join(', ')}
    >
      {isHealthy ? 'Healthy' : 'Unhealthy'}
    </a>
  );
}

function Who({ visitor }: { readonly visitor: Visitor }) {
  if (visitor.name === null) {
    return (
      <div class="who">
        <a href="/sign-in">Set your name</a>
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
