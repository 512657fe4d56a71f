// The attendance list: times in the viewer's own zone, and news from the server while the page is looked at.
const WHILE_LIVE = 10_000;
const OTHERWISE = 30_000;
// A grade on its way to the gradebook is there in seconds; one that is not stays away for longer.
const WHILE_ON_ITS_WAY = 3_000;
const QUIET_ANSWERS = 20;
// Whoever has just sent grades looks what becomes of them, also where the gradebook was in trouble before.
const EAGER_ANSWERS = 10;
// Somebody who goes back and forth between windows does not ask each time.
const NOT_AGAIN_WITHIN = 5_000;
const PATIENCE = 10_000;

const section = document.getElementById('attendance');
const { lang } = document.documentElement;
const clock = new Intl.DateTimeFormat(lang, { hour: 'numeric', minute: '2-digit' });
const full = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' });
const number = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
const zone = new Intl.DateTimeFormat(lang, { timeZoneName: 'long' });

let known = plain(section.innerHTML);
let upToDate = new Date();
let asked = Date.now();
let failures = 0;
let quiet = 0;
let eager = 0;
let news = 0;
let asking = false;
let timer = null;

localise();
// The room's page leaves the list to this script, and offers a link where there is none.
if ('lazy' in section.dataset) refresh();
else plan();
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && Date.now() - asked > NOT_AGAIN_WITHIN) refresh();
  else plan();
});
// A browser that knows better than any failed attempt.
window.addEventListener('offline', tellStale);
window.addEventListener('online', refresh);
// Another module has the page from an answer of its own: whatever is asked for at the moment is older.
section.addEventListener('attendance:news', ({ detail }) => {
  news += 1;
  quiet = 0;
  eager = EAGER_ANSWERS;
  take(detail);
  plan();
});

function localise() {
  for (const time of section.querySelectorAll('time[datetime]')) {
    const moment = new Date(time.dateTime);
    const { since } = time.dataset;
    const day = since === 'now' ? new Date() : new Date(since);
    const sameDay = since && day.toDateString() === moment.toDateString();
    time.textContent = (sameDay ? clock : full).format(moment);
  }
  // A grade stands among words.
  for (const grade of section.querySelectorAll('data')) {
    grade.textContent = grade.textContent.replace(grade.value, number.format(grade.value));
  }
  const line = section.querySelector('[data-zone]');
  if (!line) return;
  line.querySelector('bdi').textContent = zone.formatToParts().find(({ type }) => type === 'timeZoneName').value;
  line.hidden = false;
}

function plan() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  const often = section.querySelector('[data-live="yes"]') ? WHILE_LIVE : OTHERWISE;
  const pause = isOnItsWay() && quiet < QUIET_ANSWERS ? WHILE_ON_ITS_WAY : often;
  const slower = Math.min(pause * 2 ** failures, OTHERWISE);
  // Many open lists do not ask at the same moment.
  timer = setTimeout(refresh, slower * (0.9 + Math.random() * 0.2));
}

function isOnItsWay() {
  if (eager > 0) return true;
  const grades = section.querySelector('#grades[data-trouble=""]');
  if (section.querySelector('#participants[data-state="reading"]')) return true;
  return grades?.dataset.gradesState === 'looking' || Boolean(grades?.querySelector('[data-state="waiting"]'));
}

async function refresh() {
  if (asking) return;
  clearTimeout(timer);
  asking = true;
  asked = Date.now();
  eager = Math.max(0, eager - 1);
  const newsBefore = news;
  try {
    // Where no cookie brings the session, the page carries it.
    const headers = { 'x-jitsi-lti': '1', ...carried() };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(section.dataset.url, { headers, mode: 'same-origin', signal });
    const page = await answer.text();
    if (news === newsBefore && !(answer.ok && take(page))) throw new Error(`${answer.status}`);
  } catch {
    failures += 1;
    tellStale();
  }
  asking = false;
  plan();
}

// Shows what a page says about attendance; tells whether it says anything.
function take(html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById('attendance');
  if (!fresh) return false;
  quiet += 1;
  if (plain(fresh.innerHTML) !== known) replace(fresh);
  else age(fresh);
  failures = 0;
  upToDate = new Date();
  const note = section.querySelector('[data-stale]');
  if (note) note.hidden = true;
  return true;
}

// A list grows older; nothing else on the page moves for that.
function age(fresh) {
  const [shown, now] = [section, fresh].map((one) => one.querySelector('[data-age]'));
  if (shown && now) shown.textContent = now.textContent;
}

// Sealed sessions look different in each answer, and so does the age of a list; that is no news.
function plain(html) {
  return html.replace(/(data-age="">)[^<]*/g, '$1').replace(/(name="session_token" value=")[\w-]+/g, '$1');
}

function carried() {
  const token = document.querySelector('#carried [name="session_token"]')?.value;
  return token ? { 'x-jitsi-lti-session': token } : {};
}

function replace(fresh) {
  known = plain(fresh.innerHTML);
  quiet = 0;
  const open = new Map([...section.querySelectorAll('details')].map((one) => [nameOf(one), one.open]));
  const focus = keepFocus();
  section.className = fresh.className;
  for (const { name, value } of fresh.attributes) section.setAttribute(name, value);
  section.removeAttribute('data-lazy');
  section.replaceChildren(...fresh.childNodes);
  for (const one of section.querySelectorAll('details')) one.open = open.get(nameOf(one)) ?? one.open;
  focus();
  localise();
  section.dispatchEvent(new Event('attendance:shown'));
}

function nameOf({ id, dataset }) {
  return dataset.meeting ?? id;
}

// What has the focus is remembered by its meeting or its id; where it went away, `data-else` names who gets it.
function keepFocus() {
  const one = /** @type {HTMLElement} */ (document.activeElement);
  if (!section.contains(one)) return () => {};
  const { meeting } = one.parentElement.dataset;
  const ids = [one.id, one.dataset.else];
  const summaryOf = ({ dataset }) => meeting !== undefined && dataset.meeting === meeting;
  return () => {
    const summary = [...section.querySelectorAll('details')].find(summaryOf)?.querySelector('summary');
    const found = summary ?? ids.map((id) => id && document.getElementById(id)).find(Boolean);
    found?.focus({ preventScroll: true });
  };
}

function tellStale() {
  const note = section.querySelector('[data-stale]');
  if (!note) return;
  const time = note.querySelector('time');
  time.dateTime = upToDate.toISOString();
  time.textContent = clock.format(upToDate);
  note.hidden = false;
}
