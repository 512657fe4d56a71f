// The class itself: checks the devices, loads the Jitsi server's own script and follows the meeting.
// <html data-state>: checking → blocked | loading → waiting → joined → left | error.
// <html data-presence>: off | counting | refused | unreachable.
const SCRIPT_PATIENCE = 10_000;
const SLOW_AFTER = 10_000;
const GIVE_UP_AFTER = 30_000;
// Going to a breakout room looks like leaving, until the next room is joined.
const LEAVE_GRACE = 4_000;
// What the bar says in the class where the time spent there does not arrive.
const UNCOUNTED = { refused: 'uncounted', unreachable: 'unreachable' };

const root = document.documentElement;
const config = JSON.parse(document.getElementById('meeting-config').textContent);
const $ = (id) => document.getElementById(id);
const status = $('status');
const cards = [...document.querySelectorAll('[data-card]')];
// Measured before Jitsi's frame adds to it: a window with no past was opened for the class alone.
const ownWindow = window.self === window.top && history.length === 1;

let api = null;
let myId = null;
const roles = new Map();
let timers = [];
let leaving = null;
let presence = null;

root.dataset.presence = 'off';
document.querySelectorAll('[data-do]').forEach((element) => element.addEventListener('click', act));
$('leave').addEventListener('click', leave);
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') $('help').open = false; });
window.addEventListener('pagehide', dispose);
// A page restored from the browser's history holds no meeting any more.
window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
check();

async function check() {
  enter('checking');
  if (root.dataset.camera === 'no' || root.dataset.microphone === 'no') return block('devices-frame');
  if (!navigator.mediaDevices) return block('devices-insecure');
  if (await refused('camera') || await refused('microphone')) return block('devices-denied');
  load();
}

async function refused(name) {
  try {
    return (await navigator.permissions.query({ name })).state === 'denied';
  } catch {
    return false; // Not every browser tells.
  }
}

function load() {
  enter('loading');
  const script = document.createElement('script');
  let done = false;
  const settle = (next) => () => {
    if (done) return;
    done = true;
    clearTimeout(patience);
    next();
  };
  const unreachable = settle(() => fail('jitsi-unreachable'));
  const patience = setTimeout(unreachable, SCRIPT_PATIENCE);
  script.onload = settle(start);
  script.onerror = unreachable;
  script.nonce = document.querySelector('script[nonce]').nonce;
  script.async = true;
  script.src = config.scriptUrl;
  document.head.append(script);
}

function start() {
  const options = {
    roomName: config.roomName,
    parentNode: $('jitsi'),
    width: '100%',
    height: '100%',
    lang: config.lang,
    configOverwrite: config.configOverwrite,
    interfaceConfigOverwrite: config.interfaceConfigOverwrite,
    userInfo: config.userInfo,
  };
  if (config.jwt) options.jwt = config.jwt;
  try {
    api = new window.JitsiMeetExternalAPI(config.domain, options);
  } catch (error) {
    console.error(error);
    return fail('jitsi-unreachable');
  }
  timers = [
    setTimeout(() => say('slow'), SLOW_AFTER),
    setTimeout(() => fail('jitsi-unreachable'), GIVE_UP_AFTER),
  ];
  prepareFrame();
  listen();
}

function prepareFrame() {
  const frame = api.getIFrame?.() ?? document.querySelector('#jitsi iframe');
  if (!frame) return;
  frame.title = $('jitsi').dataset.title;
  if (!frame.allow) {
    frame.allow = 'autoplay; camera; clipboard-write; display-capture; fullscreen; microphone; screen-wake-lock; speaker-selection';
  }
  frame.addEventListener('load', arrived, { once: true });
}

function listen() {
  const on = (name, handler) => api.addListener(name, (event) => { if (api) handler(event ?? {}); });
  for (const sign of ['ready', 'browserSupport', 'prejoinScreenLoaded']) on(sign, arrived);
  on('videoConferenceJoined', joined);
  on('participantRoleChanged', ({ id, role }) => {
    roles.set(id, role);
    if (id === myId) roleChanged(role);
  });
  on('videoConferenceLeft', () => {
    clearTimeout(leaving);
    leaving = setTimeout(() => left(), LEAVE_GRACE);
  });
  on('readyToClose', () => left());
  on('participantKickedOut', ({ kicked }) => { if (kicked?.local) left('removed'); });
  on('errorOccurred', (event) => errorOccurred(event.error ?? event));
}

// Anything heard from the server's page: it is there.
function arrived() {
  timers.forEach(clearTimeout);
  if (root.dataset.state === 'loading') enter('waiting');
}

function joined(event) {
  clearTimeout(leaving);
  arrived();
  if (event.breakoutRoom && root.dataset.state === 'joined') return;
  myId = event.id;
  enter('joined');
  startPresence();
  if (roles.has(myId)) roleChanged(roles.get(myId));
}

// From the first join on, breakout rooms included; people who are not counted have no `presence`.
function startPresence() {
  if (presence || !config.presence || root.dataset.presence !== 'off') return;
  const { pass, everySeconds, worker } = config.presence;
  const url = new URL(config.presence.url, location.origin).href;
  try {
    presence = { url, pass, worker: new Worker(worker) };
  } catch (error) {
    console.error(error);
    return counted('refused');
  }
  presence.worker.onmessage = ({ data }) => counted(data === 'counted' ? 'counting' : data);
  presence.worker.onerror = () => counted('refused');
  presence.worker.postMessage({ url, pass, seconds: everySeconds });
}

function counted(state) {
  const before = root.dataset.presence;
  root.dataset.presence = state;
  if (state === 'refused') {
    presence?.worker.terminate();
    presence = null;
  }
  if (root.dataset.state === 'joined' && UNCOUNTED[before] !== UNCOUNTED[state]) say('joined');
}

function stopPresence() {
  const ended = presence;
  presence = null;
  root.dataset.presence = 'off';
  if (!ended) return;
  ended.worker.onmessage = null;
  ended.worker.terminate();
  const body = JSON.stringify({ pass: ended.pass, event: 'leave' });
  navigator.sendBeacon(ended.url, new Blob([body], { type: 'application/json' }));
}

function roleChanged(role) {
  const badge = $('role');
  const label = $('role-label');
  if (role !== 'moderator' || badge.classList.contains('role--moderator')) return;
  badge.className = 'role role--moderator';
  label.textContent = label.dataset.moderator;
  say('moderator');
}

function errorOccurred({ name = '', type = '', isFatal = false }) {
  if (name === 'connection.passwordRequired') return fail('jitsi-refused-token');
  if (name.includes('membersOnly')) return wait('lobby');
  if (name.includes('authenticationRequired')) return wait('host');
  if (name.includes('max_users')) return fail('room-full');
  if (name.includes('accessDenied') || name.includes('notAllowed')) return fail('entry-denied');
  if (name === 'conference.destroyed') return left('ended');
  if (isFatal && (type === 'CONNECTION' || name.startsWith('connection.'))) fail('connection-lost');
}

function wait(reason) {
  arrived();
  enter('waiting');
  say(reason);
}

function leave(event) {
  if (!api) return act(event);
  event.preventDefault();
  try {
    api.executeCommand('hangup');
  } catch {
    // The server's page is not listening yet: leaving works all the same.
  }
  setTimeout(() => left(), root.dataset.state === 'joined' ? 2_000 : 0);
}

function act(event) {
  const what = event.currentTarget.dataset.do;
  if (what === 'anyway') return load();
  if (what === 'retry' || what === 'again') return location.reload();
  // The way back takes the place of this page: Back must not lead into the class again.
  event.preventDefault();
  const { href } = event.currentTarget;
  if (!ownWindow) return location.replace(href);
  // The window of the class closes; where the browser keeps it open, the link is followed.
  window.close();
  setTimeout(() => location.replace(href), 300);
}

function left(why = 'left') {
  if (root.dataset.state === 'left' || root.dataset.state === 'error') return;
  document.querySelectorAll('[data-why]').forEach((text) => { text.hidden = text.dataset.why !== why; });
  end('left', 'left');
}

function fail(card) {
  if (root.dataset.state === 'left' || root.dataset.state === 'error') return;
  end('error', card);
}

function block(card) {
  enter('blocked', card);
}

function end(state, card) {
  dispose();
  enter(state, card);
}

function dispose() {
  stopPresence();
  timers.forEach(clearTimeout);
  clearTimeout(leaving);
  const ended = api;
  api = null;
  try {
    ended?.dispose();
  } catch (error) {
    console.error(error);
  }
}

function enter(state, card = null) {
  root.dataset.state = state;
  const busy = state === 'checking' || state === 'loading';
  $('progress').hidden = !busy;
  $('cover').hidden = !busy && card === null;
  $('leave').hidden = state === 'left' || state === 'error' || state === 'blocked';
  cards.forEach((element) => { element.hidden = element.dataset.card !== card; });
  say(state);
  if (card) $(`card-${card}`).focus();
}

function say(what) {
  const told = what === 'joined' ? UNCOUNTED[root.dataset.presence] ?? what : what;
  status.textContent = status.dataset[told];
  $('progress-text').textContent = status.textContent;
}
