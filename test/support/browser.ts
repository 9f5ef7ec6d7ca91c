import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { patienceMs } from './eventually.js';
import { usePart } from './parts.js';

/** The smallest screen on which the console has to work. */
export const phone = { width: 360, height: 740 };
const desk = { width: 1280, height: 800 };

/** A browser for the tests of one file, and what it complained of. Close it at the end. */
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: usePart('chromium').path,
    // as root there is no sandbox; nothing is asked of anybody but us
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const complaints: string[] = [];

  /** A page in a context of its own: its cookies are shared with nobody. */
  async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: desk, baseURL: url, ...options });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    // what a page may not load or run is an error on its console, too
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', async (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    return page;
  }

  return {
    open,
    /** Errors, broken policies and dialogs of all pages so far; they are forgotten once asked for. */
    complaints: (): string[] => complaints.splice(0),
    close: (): Promise<void> => (browser as Browser).close(),
  };
}

export type TestBrowser = Awaited<ReturnType<typeof startBrowser>>;

/** Signs a page in, and waits until it is where it wanted to go. */
export async function signIn(page: Page, token: string, name: string, to = '/'): Promise<void> {
  await page.goto(to);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** Nothing on the page is wider than the screen. */
export async function expectToFit(page: Page): Promise<void> {
  const [scroll, width] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect({ page: page.url(), scroll }).toEqual({ page: page.url(), scroll: width });
}

/** axe-core finds nothing serious on the page, with every detail open. */
export async function expectToBeAccessible(page: Page): Promise<void> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await page.evaluate(axe.source);
  const violations = await page.evaluate<Violation[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  const serious = violations
    .filter(({ impact }) => impact !== 'minor')
    .map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
  expect({ page: page.url(), serious }).toEqual({ page: page.url(), serious: [] });
}

/** What axe-core says of a fault. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
