import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { InputError, messageOf } from '../lib/errors.js';
import { createAccess } from './access.js';
import { createAlertPage } from './alert/alert-page.js';
import { createAlertsPage } from './alert/alerts-page.js';
import { createForecastPage } from './alert/forecast-page.js';
import { createAssets } from './assets.js';
import { createEscalationPage } from './escalation/escalation-page.js';
import { createEscalationsPage } from './escalation/escalations-page.js';
import { createLessonFiles } from './escalation/lesson.js';
import { createEvents } from './events.js';
import { createHistoryPage } from './history/history-page.js';
import { createOverviewPage } from './overview/overview-page.js';
import type { ConsoleParts } from './parts.js';
import { createPauseActions } from './pause/pause-actions.js';
import { createPausesPage } from './pause/pauses-page.js';
import { createPlaybookAlertsPage } from './playbooks/playbook-alerts-page.js';
import { createPlaybookPage } from './playbooks/playbook-page.js';
import { createPlaybooksPage } from './playbooks/playbooks-page.js';
import { createRunPlaybookPage } from './playbooks/run-playbook-page.js';
import { createCancelAction } from './run/cancel-action.js';
import { createRunPage } from './run/run-page.js';
import { createRunsPage } from './run/runs-page.js';
import { createServicePage } from './services/service-page.js';
import { createServicesPage } from './services/services-page.js';
import { createSessions } from './sessions.js';
import { showMissing, showProblem } from './show.js';
import { createSignIn } from './sign-in.js';
import { createSignedOut } from './signed-out.js';
import { readStatus } from './status.js';
import type { ConsoleEnv } from './visit.js';

/** What belongs to the console; everything else is the receiver's. */
const places = [
  '/',
  '/sign-in',
  '/sign-out',
  '/events',
  '/runs/*',
  '/alerts/*',
  '/escalations/*',
  '/playbooks/*',
  '/services/*',
  '/history',
  '/pauses/*',
  '/blast-radius/*',
  '/breakers/*',
] as const;

const maxBytes = 64 * 1024;

/** Where the page is that says that there is no such page. Anyone may see it. */
export const missingPath = '/not-found';

/**
 * The web page for people, at `/`. It is rendered here, works without a script, and loads nothing from
 * anywhere else.
 */
export function createConsole(parts: ConsoleParts): Hono<ConsoleEnv> {
  const { log } = parts;
  const { assets, routes } = createAssets();
  const sessions = createSessions(parts);
  const signedOut = createSignedOut(parts);
  const console = new Hono<ConsoleEnv>();

  for (const place of ['/assets/*', missingPath, ...places]) console.use(place, headers);
  console.route('/', routes);
  console.get(missingPath, (c) => {
    c.set('assets', assets);
    return showMissing(c, 'page');
  });
  for (const place of places) {
    console.use(
      place,
      async (c, next) => {
        c.set('assets', assets);
        c.header('cache-control', 'no-store');
        await next();
      },
      bodyLimit({
        maxSize: maxBytes,
        onError: (c) =>
          showProblem(c, {
            status: 413,
            title: 'Too large',
            why: 'The form has more text than Jidoka accepts.',
          }),
      }),
      createAccess({ ...parts, sessions, signedOut }),
      async (c, next) => {
        // read beside what the page itself reads
        if (c.req.path !== '/events') c.set('status', readStatus(parts));
        await next();
      },
    );
  }
  console.route('/', createSignIn({ ...parts, sessions, signedOut }));
  console.route('/', createEvents(parts));
  console.route('/', createOverviewPage(parts));
  console.route('/', createAlertsPage(parts));
  console.route('/', createAlertPage(parts));
  console.route('/', createForecastPage(parts));
  console.route('/', createRunsPage(parts));
  console.route('/', createRunPage(parts));
  console.route('/', createCancelAction(parts));
  console.route('/', createEscalationsPage(parts));
  console.route('/', createEscalationPage(parts));
  console.route('/', createLessonFiles(parts));
  console.route('/', createPlaybooksPage(parts));
  console.route('/', createPlaybookPage(parts));
  console.route('/', createPlaybookAlertsPage(parts));
  console.route('/', createServicesPage(parts));
  console.route('/', createServicePage(parts));
  console.route('/', createRunPlaybookPage(parts));
  console.route('/', createHistoryPage(parts));
  console.route('/', createPausesPage(parts));
  console.route('/', createPauseActions(parts));
  for (const place of places) console.all(place, (c) => showMissing(c, 'page'));

  console.onError((error, c) => {
    c.set('assets', assets);
    if (error instanceof InputError) {
      return showProblem(c, { status: 400, title: 'Nothing was changed', why: error.message });
    }
    // only its texts: the errors of ioredis carry the command with all its arguments
    const { stack } = error;
    log.error({ path: c.req.path, fault: messageOf(error), stack }, 'console: request failed');
    const why = 'Jidoka could not do this now. Try again in a moment; the log has the reason.';
    return showProblem(c, { status: 503, title: 'Not available', why });
  });

  return console;
}

/** Nothing from elsewhere, no script and no style in the pages themselves, and no frame around them. */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  xFrameOptions: 'DENY',
  // with no-referrer, the default, browsers name no origin in what they post
  referrerPolicy: 'same-origin',
  strictTransportSecurity: false,
});
