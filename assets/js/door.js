// At the door of a class: hears from the server what it says, and goes in without a touch once it opens. The server tells it
// in a stream of events; where none comes through, the page asks, more and more seldom.
const FIRST = 3000;
const SELDOM = 20_000;
const TIMEOUT = 10_000;
// Whoever waits this long without an answer is told that we still try.
const SILENCE = 60_000;
const REFUSED = [401, 403, 404];
// Those who wait here are let in; whoever may not enter at all sees that the page changes.
const WAITING = ['before', 'no-moderator', 'full'];
const CLOSED = ['before', 'over', 'locked'];

const waiting = document.getElementById('waiting');
const door = waiting ?? document.getElementById('door');
const trying = document.getElementById('waiting-trying');
const form = /** @type {HTMLFormElement | null} */ (document.getElementById('join-form'));
let pause = FIRST;
let heard = Date.now();
let timer = null;
/** @type {AbortController | null} */
let listening = null;
let streams = true;

if (door) {
  listen();
  setInterval(tellSilence, 5000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) again(); });
  window.addEventListener('online', again);
  // A page that Back shows is as old as it looks.
  window.addEventListener('pageshow', (event) => { if (event.persisted) again(); });
  window.addEventListener('pagehide', () => listening?.abort());
  countDown();
}

function again() {
  if (listening || door.dataset.state === 'entering') return;
  clearTimeout(timer);
  listen();
}

function plan() {
  clearTimeout(timer);
  // A course that waits does not ask at the same moment.
  timer = setTimeout(listen, pause * (0.8 + Math.random() * 0.4));
  pause = Math.min(pause * 1.2, SELDOM);
}

async function listen() {
  if (listening) return;
  listening = new AbortController();
  const first = setTimeout(() => listening?.abort(), TIMEOUT);
  try {
    const token = /** @type {any} */ (document.querySelector('#carried [name="session_token"]'))?.value;
    const headers = {
      'x-jitsi-lti': '1',
      accept: streams ? 'text/event-stream' : 'application/json',
      ...(token ? { 'x-jitsi-lti-session': token } : {}),
    };
    const answer = await fetch(door.dataset.url, { headers, mode: 'same-origin', signal: listening.signal });
    // A session that is over, a person who was blocked: asking again helps nobody, and the page itself says why.
    if (REFUSED.includes(answer.status)) return refused();
    if (!answer.ok) throw new Error(`${answer.status}`);
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await read(answer.body, first);
    else hear(await answer.json());
  } catch (error) {
    // A proxy that keeps a stream to itself: the next time may do, in another way.
    if (error.name === 'AbortError' && !document.hidden) streams = false;
  } finally {
    clearTimeout(first);
    listening = null;
  }
  if (door.dataset.state !== 'entering') plan();
}

/** Reads a stream of events to its end. */
async function read(body, first) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    clearTimeout(first);
    heard = Date.now();
    pause = FIRST;
    const events = (text + value).split('\n\n');
    text = events.pop();
    for (const event of events) {
      // Somebody decided otherwise about the room: what this page shows of it is old.
      if (event.startsWith('event: again')) return changed();
      const data = event.split('\n').find((line) => line.startsWith('data: '));
      if (data) hear(JSON.parse(data.slice(6)));
      if (door.dataset.state === 'entering') return reader.cancel();
    }
  }
}

function hear({ state, inside, led }) {
  heard = Date.now();
  const before = door.dataset.state;
  if (state !== before) {
    if (waiting) return enter();
    door.dataset.state = state;
    const goesIn = state === 'open' && WAITING.includes(before) && door.dataset.role !== 'moderator';
    show(state);
    // Only a touch may open a window: who has to, sees the button.
    if (goesIn && form?.target === '_self' && !document.hidden) return enter();
    if (goesIn) document.getElementById('join').focus();
  }
  const count = document.getElementById('inside');
  if (!count) return;
  count.textContent = inside;
  count.hidden = !inside;
  document.getElementById('led').hidden = !led;
}

function show(state) {
  for (const one of document.querySelectorAll('[data-door]')) {
    /** @type {HTMLElement} */ (one).hidden = /** @type {HTMLElement} */ (one).dataset.door !== state;
  }
  if (form) form.hidden = CLOSED.includes(state);
  if (state !== 'before') document.getElementById('countdown')?.setAttribute('hidden', '');
}

// What else the door says, the next page says.
function enter() {
  door.dataset.state = 'entering';
  if (waiting) document.getElementById('enter').click();
  else form.requestSubmit(document.getElementById('join'));
}

function changed() {
  if (waiting) return enter();
  // Where the page is a form's answer, asking for it anew would send that form again.
  if (document.getElementById('carried')) return undefined;
  door.dataset.state = 'entering';
  return location.reload();
}

function refused() {
  if (waiting) enter();
  door.dataset.state = 'entering';
}

function tellSilence() {
  trying.hidden = Date.now() - heard < SILENCE || door.dataset.state === 'entering';
}

/** Says how long it is until the class begins: by the minute, and by the second at the end. */
function countDown() {
  const line = document.getElementById('countdown');
  if (!line || door.dataset.state !== 'before') return;
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'always' });
  // By the server's clock, whatever this one shows.
  const ahead = Date.parse(line.dataset.now) - Date.now();
  const tell = () => {
    const seconds = Math.round((Date.parse(line.dataset.begins) - Date.now() - ahead) / 1000);
    const units = [['day', 86_400], ['hour', 3600], ['minute', 60]];
    const [unit, size] = units.find(([, length]) => seconds >= 2 * Number(length)) ?? ['second', 1];
    line.hidden = seconds < 1 || door.dataset.state !== 'before';
    line.textContent = line.dataset.text.replace('{when}', words.format(Math.floor(seconds / Number(size)), /** @type {any} */ (unit)));
    if (!line.hidden) setTimeout(tell, seconds < 120 ? 1000 : 15_000);
  };
  tell();
}
