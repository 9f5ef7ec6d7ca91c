// Keeps an open page up to date. Every page works without it.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** At least this long between two looks. */
const gatherMs = 1_000;
const firstRetryMs = 5_000;
const longestRetryMs = 60_000;

const main = document.getElementById('main');
const notice = document.getElementById('live');
const eventsUrl = main?.dataset.live;

let toldAtMs = Date.now();
const look = eventsUrl === undefined ? () => {} : keepUpToDate(eventsUrl);
setInterval(showTimes, 1_000);

/** Lets the times on the page go on. A countdown that ends is a reason to look. */
function showTimes() {
  const nowMs = Date.now();
  let hasEnded = false;
  for (const time of document.querySelectorAll('time[data-time]')) {
    const ms = Date.parse(time.dateTime);
    const words = inWords(ms, nowMs);
    if (time.textContent !== words) time.textContent = words;
    hasEnded ||= time.dataset.time === 'until' && toldAtMs < ms && ms <= nowMs;
  }
  toldAtMs = nowMs;
  if (hasEnded) look();
}

/** The same words as in src/console/time-words.ts. */
function inWords(ms, nowMs) {
  const awayMs = ms - nowMs;
  if (awayMs > 0) return `in ${lengthInWords(Math.ceil(awayMs / 1_000) * 1_000)}`;
  const past = -awayMs;
  if (past < 5_000) return 'just now';
  if (past < minuteMs) return `${Math.floor(past / 1_000)} s ago`;
  if (past < hourMs) return `${Math.floor(past / minuteMs)} min ago`;
  if (past < 2 * dayMs) return `${Math.floor(past / hourMs)} h ago`;
  return `${Math.floor(past / dayMs)} days ago`;
}

function lengthInWords(lengthMs) {
  const units = [
    ['d', dayMs],
    ['h', hourMs],
    ['min', minuteMs],
    ['s', 1_000],
  ];
  const first = units.findIndex(([, unitMs]) => lengthMs >= unitMs);
  if (first < 0) return '0 s';
  let rest = lengthMs;
  const words = [];
  for (const [unit, unitMs] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.join(' ');
}

/** Listens for changes while somebody looks, and then fetches this very page again. Gives back what looks. */
function keepUpToDate(url) {
  let source;
  let retryMs = firstRetryMs;
  let retry;
  let isLooking = false;
  let lookAgain = false;
  let lookedAtMs = 0;
  let shown = new Map(parts(main).map((part) => [part.id, likenessOf(part)]));

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', (event) => event.persisted && open());
  open();
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
      say('Not up to date: the connection is lost …');
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
    }
  }

  /** Takes over the parts of the page that have changed; the others stay as they are. */
  function take(page) {
    const fresh = page.getElementById('main');
    if (fresh === null) return;
    const next = parts(fresh);
    const likenesses = new Map(next.map((part) => [part.id, likenessOf(part)]));
    const state = remember();
    const isSameShape = next.map(({ id }) => id).join() === [...shown.keys()].join();
    if (!isSameShape) {
      main.replaceChildren(...fresh.childNodes);
    } else {
      for (const part of next) {
        if (likenesses.get(part.id) === shown.get(part.id)) continue;
        document.getElementById(part.id)?.replaceWith(part);
      }
    }
    shown = likenesses;
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
  for (const time of copy.querySelectorAll('time[data-time]')) time.textContent = '';
  return copy.outerHTML;
}

/** What a person has done to the page: opened, filled in, gone to. */
function remember() {
  const fields = [...main.querySelectorAll('input[id], select[id], textarea[id]')];
  const { activeElement } = document;
  return {
    opened: [...main.querySelectorAll('details[id]')].map(({ id, open }) => [id, open]),
    filledIn: fields.map(({ id, value }) => [id, value]),
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
  for (const [id, value] of filledIn) {
    const field = document.getElementById(id);
    if (field !== null && field.value !== value) field.value = value;
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
