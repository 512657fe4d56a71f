// The attendance list: times in the viewer's own zone, and news from the server while the page is looked at.
const WHILE_LIVE = 10_000;
const OTHERWISE = 30_000;
// Somebody who goes back and forth between windows does not ask each time.
const NOT_AGAIN_WITHIN = 5_000;
const PATIENCE = 15_000;

const section = document.getElementById('attendance');
const { lang } = document.documentElement;
const clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
const zone = new Intl.DateTimeFormat(lang, { timeZoneName: 'long' });

let known = section.innerHTML;
let upToDate = new Date();
let asked = Date.now();
let failures = 0;
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

function localise() {
  for (const time of section.querySelectorAll('time[datetime]')) {
    const moment = new Date(time.dateTime);
    const { since } = time.dataset;
    const sameDay = since && new Date(since).toDateString() === moment.toDateString();
    time.textContent = (sameDay ? clock : full).format(moment);
  }
  const line = section.querySelector('[data-zone]');
  if (!line) return;
  line.querySelector('bdi').textContent = zone.formatToParts().find(({ type }) => type === 'timeZoneName').value;
  line.hidden = false;
}

function plan() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  const pause = section.querySelector('[data-live="yes"]') ? WHILE_LIVE : OTHERWISE;
  const slower = Math.min(pause * 2 ** failures, OTHERWISE);
  // Many open lists do not ask at the same moment.
  timer = setTimeout(refresh, slower * (0.9 + Math.random() * 0.2));
}

async function refresh() {
  if (asking) return;
  clearTimeout(timer);
  asking = true;
  asked = Date.now();
  try {
    const answer = await fetch(section.dataset.url, { mode: 'same-origin', signal: AbortSignal.timeout(PATIENCE) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = answer.ok && page.getElementById('attendance');
    if (!fresh) throw new Error(`${answer.status}`);
    replace(fresh);
    failures = 0;
    upToDate = new Date();
    const note = section.querySelector('[data-stale]');
    if (note) note.hidden = true;
  } catch {
    failures += 1;
    tellStale();
  }
  asking = false;
  plan();
}

function replace(fresh) {
  if (fresh.innerHTML === known) return;
  known = fresh.innerHTML;
  const open = new Map([...section.querySelectorAll('details')].map((one) => [one.dataset.meeting, one.open]));
  const focused = document.activeElement?.closest('#attendance summary')?.parentElement.dataset.meeting;
  section.className = fresh.className;
  for (const { name, value } of fresh.attributes) section.setAttribute(name, value);
  section.removeAttribute('data-lazy');
  section.replaceChildren(...fresh.childNodes);
  for (const one of section.querySelectorAll('details')) {
    one.open = open.get(one.dataset.meeting) ?? one.open;
    if (one.dataset.meeting === focused) one.querySelector('summary').focus({ preventScroll: true });
  }
  localise();
}

function tellStale() {
  const note = section.querySelector('[data-stale]');
  if (!note) return;
  const time = note.querySelector('time');
  time.dateTime = upToDate.toISOString();
  time.textContent = clock.format(upToDate);
  note.hidden = false;
}
