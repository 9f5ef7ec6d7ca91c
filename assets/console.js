// Keeps an open page up to date. Every page works without it.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** At least this long between two looks. */
const gatherMs = 1_000;
/** After this long a page is fetched again though no change was told: health and evidence change unheard. */
const staleMs = 60_000;
/** How soon a page is fetched again that waits for what is told nowhere, such as evidence. */
const pendingMs = 2_000;
const firstRetryMs = 5_000;
const longestRetryMs = 60_000;

const main = document.getElementById('main');
const notice = document.getElementById('live');
const eventsUrl = main?.dataset.live;

let toldAtMs = Date.now();
const look = eventsUrl === undefined ? () => {} : keepUpToDate(eventsUrl);
setInterval(showTimes, 1_000);
showTimes();
enhance();

/** Lets the times on the page go on. A countdown that ends is a reason to look. */
function showTimes() {
  const nowMs = Date.now();
  let hasEnded = false;
  for (const time of document.querySelectorAll('time[data-time]')) {
    const ms = Date.parse(time.dateTime);
    const words = wordsFor(time.dataset.time, ms, nowMs);
    if (time.textContent !== words) time.textContent = words;
    hasEnded ||= time.dataset.time === 'until' && toldAtMs < ms && ms <= nowMs;
  }
  for (const clock of document.querySelectorAll('[data-clock]')) {
    const end = clock.dataset.short === undefined ? undefined : 16;
    const words = localTime(Number(clock.dataset.clock)).slice(11, end);
    if (clock.textContent !== words) clock.textContent = words;
  }
  toldAtMs = nowMs;
  if (hasEnded) look();
}

/** What only a script can do: a choice that filters at once, a box that selects a group. */
function enhance() {
  for (const box of document.querySelectorAll('input[data-select]')) {
    box.hidden = false;
    box.setAttribute('aria-label', 'Select the group');
  }
}

// on a narrow screen the sections are scrolled sideways
const here = document.querySelector('.top nav [aria-current]');
if (here !== null) {
  const nav = here.closest('nav');
  nav.scrollLeft = here.getBoundingClientRect().left - nav.getBoundingClientRect().left - 40;
}

document.addEventListener('change', ({ target }) => {
  if (target.matches('[data-autosubmit] select')) target.form.requestSubmit();
  if (!target.matches('input[data-select]')) return;
  for (const box of document.querySelectorAll('input[data-group]')) {
    if (box.dataset.group === target.dataset.select) box.checked = target.checked;
  }
});
document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target)) menu.open = false;
  }
});
document.addEventListener('keydown', ({ key }) => {
  const menu = key === 'Escape' ? document.activeElement.closest('details.menu[open]') : null;
  if (menu === null) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});

/** What stands for a time on the page; the same words as in src/console/time-words.ts. */
function wordsFor(kind, ms, nowMs) {
  switch (kind) {
    case 'at':
      return localTime(ms);
    case 'age':
      return ageOf(ms, nowMs);
    default:
      return inWords(ms, nowMs);
  }
}

function inWords(ms, nowMs) {
  const awayMs = ms - nowMs;
  if (awayMs > 0) return `in ${lengthOf(Math.ceil(awayMs / 1_000) * 1_000)}`;
  return -awayMs < 5_000 ? 'just now' : `${ageOf(ms, nowMs)} ago`;
}

function ageOf(ms, nowMs) {
  const pastMs = Math.max(0, nowMs - ms);
  if (pastMs < minuteMs) return `${Math.floor(pastMs / 1_000)}s`;
  if (pastMs < hourMs) return `${Math.floor(pastMs / minuteMs)}m`;
  if (pastMs < 2 * dayMs) return `${Math.floor(pastMs / hourMs)}h`;
  return `${Math.floor(pastMs / dayMs)}d`;
}

function lengthOf(lengthMs) {
  const units = [
    ['d', dayMs],
    ['h', hourMs],
    ['m', minuteMs],
    ['s', 1_000],
  ];
  const first = units.findIndex(([, unitMs]) => lengthMs >= unitMs);
  if (first < 0) return '0s';
  let rest = lengthMs;
  const words = [];
  for (const [unit, unitMs] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) words.push(`${count}${unit}`);
  }
  return words.join(' ');
}

/** A time in the zone of the reader, as `2026-01-31 09:00:05`. */
function localTime(ms) {
  // Swedish dates are ISO's
  return new Date(ms).toLocaleString('sv');
}

/** Listens for changes while somebody looks, and then fetches this very page again. Gives back what looks. */
function keepUpToDate(url) {
  let source;
  let retryMs = firstRetryMs;
  let retry;
  let pending;
  let isLooking = false;
  let lookAgain = false;
  let lookedAtMs = 0;
  let shown = new Map(parts(document).map((part) => [part.id, likenessOf(part)]));

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  setInterval(() => {
    if (!document.hidden && Date.now() - lookedAtMs > staleMs) look();
  }, staleMs);
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', (event) => event.persisted && open());
  open();
  waitForPending();
  return look;

  function open() {
    close();
    source = new EventSource(url);
    source.addEventListener('hello', () => {
      retryMs = firstRetryMs;
      say('');
      look();
    });
    source.addEventListener('changed', look);
    source.addEventListener('error', () => {
      say('Not up to date: the connection is lost…');
      // a browser tries again by itself only where the connection broke, not where it was refused
      if (source.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(open, retryMs);
      retryMs = Math.min(2 * retryMs, longestRetryMs);
    });
  }

  function close() {
    clearTimeout(retry);
    source?.close();
  }

  async function look() {
    if (isLooking) {
      lookAgain = true;
      return;
    }
    isLooking = true;
    try {
      const waitMs = lookedAtMs + gatherMs - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      lookAgain = false;
      lookedAtMs = Date.now();
      const answer = await fetch(location.href, { cache: 'no-store' });
      // signed out meanwhile
      if (answer.redirected) location.reload();
      if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      lookAgain = true;
    } finally {
      isLooking = false;
      if (lookAgain) setTimeout(look, gatherMs);
      waitForPending();
    }
  }

  /** Looks again soon while a part of the page is still to come. */
  function waitForPending() {
    clearTimeout(pending);
    if (main.querySelector('[data-pending]') === null) return;
    pending = setTimeout(() => (document.hidden ? waitForPending() : look()), pendingMs);
  }

  /** Takes over the parts of the page that have changed; the others stay as they are. */
  function take(page) {
    const fresh = page.getElementById('main');
    if (fresh === null) return;
    const next = parts(page);
    const likenesses = new Map(next.map((part) => [part.id, likenessOf(part)]));
    const state = remember();
    const isSameShape = next.map(({ id }) => id).join() === [...shown.keys()].join();
    document.title = page.title;
    if (!isSameShape) {
      main.replaceChildren(...fresh.childNodes);
      const status = page.getElementById('status');
      if (status !== null) document.getElementById('status')?.replaceWith(status);
    } else {
      for (const part of next) {
        if (likenesses.get(part.id) === shown.get(part.id)) continue;
        document.getElementById(part.id)?.replaceWith(part);
      }
    }
    shown = likenesses;
    enhance();
    restore(state);
    showTimes();
  }

  function say(text) {
    notice.textContent = text;
    notice.hidden = text === '';
  }
}

/** The parts of a page, each with an id. */
function parts(of) {
  return [...of.querySelectorAll('section[id]')];
}

/** What a part says, without the words for its times, which change by themselves. */
function likenessOf(part) {
  const copy = part.cloneNode(true);
  for (const time of copy.querySelectorAll('time[data-time], [data-clock]')) time.textContent = '';
  for (const box of copy.querySelectorAll('input[data-select]')) box.remove();
  return copy.outerHTML;
}

/** What a person has done to the page: opened, filled in, gone to. */
function remember() {
  const fields = [...main.querySelectorAll('input[id], select[id], textarea[id]')];
  const { activeElement } = document;
  return {
    opened: [...main.querySelectorAll('details[id]')].map(({ id, open }) => [id, open]),
    filledIn: fields.map(({ id, value, checked }) => [id, value, checked]),
    focused: main.contains(activeElement) ? keyOf(activeElement) : undefined,
    selection: 'selectionStart' in activeElement ? selectionOf(activeElement) : undefined,
    scrollY: window.scrollY,
  };
}

function restore({ opened, filledIn, focused, selection, scrollY }) {
  for (const [id, open] of opened) {
    const details = document.getElementById(id);
    if (details !== null) details.open = open;
  }
  for (const [id, value, checked] of filledIn) {
    const field = document.getElementById(id);
    if (field === null) continue;
    if (field.type === 'checkbox') field.checked = checked;
    else if (field.value !== value) field.value = value;
  }
  const target = focused === undefined ? null : document.querySelector(focused);
  if (target !== null && target !== document.activeElement) {
    target.focus({ preventScroll: true });
    if (selection !== undefined) target.setSelectionRange(...selection);
  }
  if (window.scrollY !== scrollY) window.scrollTo(window.scrollX, scrollY);
}

/** How an element is found again after its part was replaced; `undefined`: it cannot be. */
function keyOf(element) {
  if (element.id !== '') return `#${CSS.escape(element.id)}`;
  if (element.dataset.key !== undefined) return `[data-key="${CSS.escape(element.dataset.key)}"]`;
  if (element.tagName === 'SUMMARY' && element.parentElement.id !== '') {
    return `#${CSS.escape(element.parentElement.id)} > summary`;
  }
  if (element.tagName === 'A') return `#main a[href="${CSS.escape(element.getAttribute('href'))}"]`;
  return undefined;
}

function selectionOf({ selectionStart, selectionEnd }) {
  return selectionStart === null ? undefined : [selectionStart, selectionEnd];
}
