// The class itself: checks the devices, opens Jitsi's page in a frame and follows the meeting.
// <html data-state>: checking → blocked | loading → waiting → joined → left | error.
// <html data-presence>: off | counting | refused | unreachable.
const config = JSON.parse(document.getElementById('meeting-config').textContent);
const [{ JitsiFrame }, { meaningOf }, { Presence }] = await Promise.all(
  [config.modules.frame, config.modules.problems, config.modules.presence].map((module) => import(module)),
);

const SLOW_AFTER = 6_000;
// Without a word from the frame: the card explains it, and goes again when the frame is there after all.
const DOUBT_AFTER = 12_000;
const DOUBT_AFTER_SHOWN = 5_000;
const GIVE_UP_AFTER = 60_000;
// Going to a breakout room, or a reload inside the frame, looks like leaving until the next room is joined.
const LEAVE_GRACE = 20_000;
// Jitsi's page loads itself again within half a minute when a connection broke; then it has to join.
const RELOAD_GRACE = 45_000;
// A new token whenever the server does not take the old one; not for ever.
const MAX_RENEWALS = 3;
const RENEWALS_WITHIN = 10 * 60_000;
const RENEWAL_TIMEOUT = 15_000;
const MAX_ROLES = 1000;
// Where a page that carries its session itself was asked for once more, because somebody came back to it.
const RETURNED = '#returned';
// What the bar says in the class where the time spent there does not arrive.
const UNCOUNTED = { refused: 'uncounted', unreachable: 'unreachable' };

const root = document.documentElement;
const $ = (id) => document.getElementById(id);
const status = $('status');
const cards = [...document.querySelectorAll('[data-card]')];
const badge = $('role');
const roleOfLaunch = { kind: badge.dataset.kind, label: $('role-label').textContent };
// Measured before Jitsi's frame adds to it: a window with no past was opened for the class alone.
const ownWindow = window.self === window.top && history.length === 1;

let meeting = config;
let inQuery = false;
let frame = null;
let myId = null;
let roles = new Map();
let isInClass = false;
let timers = [];
let grace = null;
let renewals = [];
const presence = new Presence(config.presence, (state, before) => {
  root.dataset.presence = state;
  if (root.dataset.state === 'joined' && UNCOUNTED[before] !== UNCOUNTED[state]) say('joined');
});

root.dataset.presence = 'off';
root.dataset.own = ownWindow ? 'yes' : 'no';
document.querySelectorAll('[data-do]').forEach((element) => element.addEventListener('click', act));
$('leave').addEventListener('click', leave);
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') $('help').open = false; });
window.addEventListener('pagehide', dispose);
// A page restored from the browser's memory holds no meeting any more.
window.addEventListener('pageshow', (event) => { if (event.persisted) end('left', 'returned'); });
// Whoever comes here by Back, by Forward or in a restored window did not ask to be in class; a reload in class did.
function mayJoin() {
  const [visit] = performance.getEntriesByType('navigation');
  const before = history.state?.class;
  if (visit?.type === 'back_forward' || document.wasDiscarded || location.hash === RETURNED) return false;
  return before === undefined || (before === 'open' && visit?.type === 'reload');
}

// Kept with this entry of the window's history, whatever becomes of the page.
function mark(state) {
  const place = location.hash === RETURNED ? location.pathname + location.search : location.href;
  history.replaceState({ ...history.state, class: state }, '', place);
}

async function check() {
  enter('checking');
  if (root.dataset.camera === 'no' || root.dataset.microphone === 'no') return block('devices-frame');
  if (!navigator.mediaDevices) return block('devices-insecure');
  if (await refused('camera') || await refused('microphone')) return block('devices-denied');
  open();
}

async function refused(name) {
  try {
    return (await navigator.permissions.query({ name })).state === 'denied';
  } catch {
    return false; // Not every browser tells.
  }
}

// Opens the frame, in place of the one that was there.
function open() {
  mark('open');
  close();
  enter('loading');
  myId = null;
  roles = new Map();
  const title = $('jitsi').dataset.title;
  frame = new JitsiFrame(meeting, { parent: $('jitsi'), title, inQuery, on });
  if (isInClass) wait(RELOAD_GRACE, () => end('error', 'connection-lost'));
  timers = [
    setTimeout(() => say('slow'), SLOW_AFTER),
    setTimeout(doubt, DOUBT_AFTER),
    setTimeout(() => end('error', 'jitsi-unreachable'), GIVE_UP_AFTER),
  ];
}

const on = {
  alive: arrived,
  shown: () => { if (root.dataset.state === 'loading') timers.push(setTimeout(doubt, DOUBT_AFTER_SHOWN)); },
  // Jitsi's page was loaded, perhaps again: it is about to join.
  loaded: () => { arrived(); if (grace) wait(RELOAD_GRACE, () => end('error', 'connection-lost')); },
  asking: () => pause('waiting'),
  joined,
  left: () => { if (isInClass && !grace) wait(LEAVE_GRACE, () => end('left', 'left')); },
  closed: () => end('left', 'left'),
  kicked: ({ isMe }) => { if (isMe) end('left', 'left', 'removed'); },
  // Also before the join that makes an id this person's.
  role: ({ id, role }) => {
    roles.delete(id);
    roles.set(id, role);
    if (roles.size > MAX_ROLES) roles.delete(roles.keys().next().value);
    if (id === myId) roleChanged(role);
  },
  suspended: () => { if (isInClass) lost('connection-lost'); },
  failed: (error) => {
    const meaning = meaningOf(error, isInClass);
    switch (meaning.then) {
      case 'renew': return renewed();
      case 'wait': return pause(meaning.reason);
      case 'left': return end('left', 'left', meaning.why);
      case 'card': return end('error', meaning.card, error);
      case 'lost': return lost(meaning.card, error);
      default: return undefined;
    }
  },
};

// Anything heard from the server's page: it is there.
function arrived() {
  stopTimers();
  if (root.dataset.state === 'loading' || root.dataset.doubt) enter('waiting');
}

function doubt() {
  if (root.dataset.state !== 'loading') return;
  enter('error', 'jitsi-unreachable');
  root.dataset.doubt = 'yes';
}

function joined({ id }) {
  stopGrace();
  arrived();
  const again = root.dataset.state === 'joined';
  myId = id;
  isInClass = true;
  if (!again && meeting.tileView) frame.command('set-tile-view', true);
  if (!again) enter('joined');
  else say('joined');
  presence.start();
  if (roles.has(id)) roleChanged(roles.get(id));
}

// Jitsi's page may find its own way back to the class, which goes on meanwhile, as the minutes do.
function lost(card, error) {
  say('lost');
  wait(RELOAD_GRACE, () => end('error', card, error));
}

function wait(patience, then) {
  stopGrace();
  grace = setTimeout(then, patience);
}

// In Jitsi's page, and not in the class.
function pause(reason) {
  stopGrace();
  arrived();
  isInClass = false;
  presence.stop();
  enter('waiting');
  say(reason);
}

// The server does not take the room token. A new one, and the class goes on for the same person.
function renewed() {
  const now = Date.now();
  renewals = renewals.filter((at) => now - at < RENEWALS_WITHIN);
  if (!isInClass) {
    // An older server reads the token in the query alone; once, for what is refused there too stays out of its logs.
    inQuery = meeting.tokenFallback && !inQuery;
    return inQuery ? open() : end('error', 'jitsi-refused-token');
  }
  if (renewals.length === MAX_RENEWALS) return end('error', 'jitsi-refused-token');
  renewals.push(now);
  return rejoin();
}

// Asks for a new presence token and a new room token, then opens the frame with them.
async function rejoin() {
  close();
  enter('loading');
  const fresh = await fetchMeeting();
  if (root.dataset.state !== 'loading') return undefined;
  if (fresh.problem) return end('error', fresh.problem);
  meeting = fresh;
  presence.renew(fresh.presence);
  return isInClass ? open() : check();
}

async function fetchMeeting() {
  try {
    const answer = await fetch(config.rejoinUrl, {
      method: 'POST',
      headers: { 'accept': 'application/json', 'content-type': 'application/json', 'x-jitsi-lti': '1' },
      body: JSON.stringify({ presence_token: presence.token, lang: root.lang }),
      mode: 'same-origin',
      signal: AbortSignal.timeout(RENEWAL_TIMEOUT),
    });
    if (answer.ok) return await answer.json();
    // The door is not open any more: the page itself says why, and waits there.
    if (answer.status === 409) location.reload();
    return { problem: answer.status >= 500 ? 'service-unreachable' : 'session-over' };
  } catch {
    return { problem: 'service-unreachable' };
  }
}

function roleChanged(role) {
  if (role !== 'moderator' && role !== 'participant') return;
  const label = $('role-label');
  // Whoever does not moderate is what the launch said, unless that was to moderate.
  const kind = role === 'participant' && roleOfLaunch.kind !== 'moderator' ? roleOfLaunch.kind : role;
  if (badge.dataset.kind === kind) return;
  badge.dataset.kind = kind;
  badge.className = `role role--${kind}`;
  label.textContent = kind === roleOfLaunch.kind ? roleOfLaunch.label : label.dataset[role];
  if (root.dataset.state === 'joined') say(role);
}

function leave(event) {
  if (!frame) return act(event);
  event.preventDefault();
  const leaving = frame;
  frame.command('video-hangup');
  setTimeout(() => { if (frame === leaving) end('left', 'left'); }, isInClass ? 2_000 : 0);
}

function act(event) {
  const what = event.currentTarget.dataset.do;
  if (what === 'anyway') return open();
  if (what === 'retry' && root.dataset.state === 'blocked') return check();
  if (what === 'retry' || what === 'again') return rejoin();
  // The way back takes the place of this page, so that Back does not lead here again.
  event.preventDefault();
  const { href } = event.currentTarget;
  if (what === 'course' && root.dataset.framed === 'yes') return window.open(href, '_top');
  if (!ownWindow) return goTo(href);
  // The window of the class closes; where the browser keeps it open, the link is followed.
  window.close();
  return setTimeout(() => goTo(href), 300);
}

// In the place of this page. Where the page carries the session, returning.js asks for the other one with it.
function goTo(href) {
  const carried = $('carried');
  if (!carried || !new URL(href).searchParams.has('open')) return location.replace(href);
  history.replaceState({ sessionToken: carried.elements.session_token.value }, '', href);
  return location.reload();
}

function block(card) {
  enter('blocked', card);
}

// The class is over for this page. `more`: why somebody left, or the error that ended it.
function end(state, card, more = {}) {
  // After a failure a reload tries again; after leaving it does not.
  if (state === 'left') mark('closed');
  dispose();
  const why = typeof more === 'string' ? more : 'left';
  document.querySelectorAll('[data-why]').forEach((text) => { text.hidden = text.dataset.why !== why; });
  const element = cards.find((one) => one.dataset.card === card);
  for (const detail of element.querySelectorAll('[data-detail]')) {
    detail.textContent = more[detail.dataset.detail] ?? '';
    detail.hidden = detail.textContent === '';
  }
  enter(state, card);
}

function dispose() {
  isInClass = false;
  presence.stop();
  close();
}

function close() {
  stopTimers();
  stopGrace();
  frame?.dispose();
  frame = null;
}

function stopTimers() {
  timers.forEach(clearTimeout);
  timers = [];
}

function stopGrace() {
  clearTimeout(grace);
  grace = null;
}

function enter(state, card = null) {
  root.dataset.state = state;
  delete root.dataset.doubt;
  const busy = state === 'checking' || state === 'loading';
  $('progress').hidden = !busy;
  $('cover').hidden = !busy && card === null;
  $('leave').hidden = state === 'left' || state === 'error' || state === 'blocked';
  cards.forEach((element) => { element.hidden = element.dataset.card !== card; });
  say(card === 'returned' ? card : state);
  if (card) $(`card-${card}`).focus();
}

function say(what) {
  const told = what === 'joined' ? UNCOUNTED[root.dataset.presence] ?? what : what;
  status.textContent = status.dataset[told];
  $('progress-text').textContent = status.textContent;
}

if (mayJoin()) check();
else end('left', 'returned');
