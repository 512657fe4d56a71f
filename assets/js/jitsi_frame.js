// Jitsi's own page, in a frame of ours, and the messages between the two. No other file knows how they look, and no script of
// a Jitsi server runs in our page.
//
// What this relies on: servers from 2023 to 2026, and JaaS.
// | the frame's address       | ORIGIN/[TENANT/]ROOM?lang=… # jitsi_meet_external_api_id=NUMBER & jwt=… & config.KEY=… &          |
// |                           | interfaceConfig.KEY=… & userInfo.KEY=…; a value is encodeURIComponent(JSON.stringify(value))      |
// |                           | The fragment's jwt is read since May 2024. Older servers want ?jwt=TOKEN, which ends in their logs |
// | a message                 | JSON text {postis: true, scope: "jitsi_meet_external_api_NUMBER", method, params}                  |
// | method "__ready__"        | params: the sender's id. It is repeated until the other end sends it back; after a reload of the   |
// |                           | frame's page it begins anew, with another id                                                       |
// | method "message"          | params: {type: "event", data: {name, …}}; a command is an event to the frame, data: {name, data: []} |
// |                           | {type: "request", id, data: {name, …}} and {type: "response", id, result} or {…, error}            |
// | events that we listen to  | EVENTS below, kebab-case, their payload beside the name. Others are ignored                        |
// | commands that we send     | video-hangup; set-tile-view                                                                        |
// | not used                  | local-storage-changed and appData.localStorageContent: what a server keeps in a browser stays      |
// |                           | there, and passes to nobody else who sits at it                                                    |
const SCOPE = 'jitsi_meet_external_api_';
const READY = '__ready__';
const MESSAGE = 'message';
const MAX_MESSAGE = 500_000;
const MAX_TEXT = 300;
const MAX_WAITING = 20;
const ANSWER_TIMEOUT = 10_000;
const DELEGATED = [
  'autoplay', 'camera', 'clipboard-write', 'compute-pressure', 'display-capture', 'fullscreen', 'hid', 'microphone',
  'screen-wake-lock', 'speaker-selection', 'window-management',
];

// Jitsi's name of an event: ours, and what is read of its payload.
const EVENTS = {
  'ready': ['loaded'],
  'prejoin-screen-loaded': ['asking'],
  'password-required': ['asking'],
  'video-conference-joined': ['joined', ({ id }) => ({ id: text(id) })],
  'video-conference-left': ['left'],
  'video-ready-to-close': ['closed'],
  'participant-role-changed': ['role', ({ id, role }) => ({ id: text(id), role: text(role) })],
  'participant-kicked-out': ['kicked', ({ kicked }) => ({ isMe: kicked?.local === true })],
  'suspend-detected': ['suspended'],
  // Servers wrap the error, and did not always.
  'error-occurred': ['failed', ({ error, ...bare }) => problem(error ?? bare)],
};

function text(value) {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
}

function problem(error) {
  const { name, type, message, isFatal } = error ?? {};
  return { name: text(name), type: text(type), message: text(message), isFatal: isFatal === true };
}

// The address of a meeting. `inQuery`: the token stands in the query too, for a server that does not read the fragment's.
export function frameAddress(meeting, id, inQuery = false) {
  const room = meeting.roomName.split('/').map(encodeURIComponent).join('/');
  const address = new URL(`${meeting.serverOrigin}/${room}`);
  const parts = [`jitsi_meet_external_api_id=${id}`];
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(JSON.stringify(value))}`);
  if (meeting.lang) address.searchParams.set('lang', meeting.lang);
  if (meeting.jwt) {
    if (inQuery) address.searchParams.set('jwt', meeting.jwt);
    add('jwt', meeting.jwt);
  }
  for (const [prefix, values] of [
    ['config', meeting.configOverwrite],
    ['interfaceConfig', meeting.interfaceConfigOverwrite],
    ['userInfo', meeting.userInfo],
  ]) {
    for (const [key, value] of Object.entries(values)) add(`${prefix}.${key}`, value);
  }
  address.hash = parts.join('&');
  return address.href;
}

// What a message says, when it is one of ours with this scope; else null.
export function readMessage(data, scope) {
  if (typeof data !== 'string' || data.length > MAX_MESSAGE) return null;
  try {
    const message = JSON.parse(data);
    const isOurs = message?.postis === true && message.scope === scope;
    return isOurs ? { method: message.method, params: message.params } : null;
  } catch {
    return null;
  }
}

// What an event says in our words: [name, payload]; null for one that we do not listen to.
export function readEvent(data) {
  if (typeof data?.name !== 'string' || !Object.hasOwn(EVENTS, data.name)) return null;
  const [name, read = () => ({})] = EVENTS[data.name];
  return [name, read(data)];
}

export class JitsiFrame {
  #id = crypto.getRandomValues(new Uint32Array(1))[0];
  #own = crypto.randomUUID();
  #scope = `${SCOPE}${this.#id}`;
  #hear = (event) => this.#receive(event);
  #element = document.createElement('iframe');
  #origin;
  #on;
  #peer = null;
  #isOpen = false;
  #waiting = [];
  #asked = new Map();
  #lastAsked = 0;

  // `on`: what to do about each event of EVENTS, and `alive` when the frame is first heard of.
  constructor(meeting, { parent, title, inQuery, on }) {
    this.#origin = meeting.serverOrigin;
    this.#on = on;
    this.#element.allow = DELEGATED.join('; ');
    this.#element.allowFullscreen = true;
    this.#element.title = title;
    this.#element.name = `jitsiConferenceFrame${this.#id}`;
    this.#element.id = this.#element.name;
    this.#element.src = frameAddress(meeting, this.#id, inQuery);
    this.#element.addEventListener('load', () => this.#tell('shown', {}));
    addEventListener('message', this.#hear);
    parent.append(this.#element);
  }

  // Tells the frame to do something, as soon as it listens.
  command(name, ...data) {
    this.#send({ type: 'event', data: { name, data } });
  }

  // Asks the frame something.
  ask(name, data = {}) {
    this.#lastAsked += 1;
    const id = this.#lastAsked;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#answer({ id, error: 'no answer' }), ANSWER_TIMEOUT);
      this.#asked.set(id, { resolve, reject, timer });
      this.#send({ type: 'request', id, data: { ...data, name } });
    });
  }

  dispose() {
    removeEventListener('message', this.#hear);
    this.#on = {};
    for (const id of [...this.#asked.keys()]) this.#answer({ id, error: 'closed' });
    this.#element.remove();
  }

  // Only what this very window says, while it shows the server's own page, counts.
  #receive({ source, origin, data }) {
    if (source === null || source !== this.#element.contentWindow || origin !== this.#origin) return;
    const message = readMessage(data, this.#scope);
    if (message?.method === READY && typeof message.params === 'string') this.#greet(message.params.slice(0, MAX_TEXT));
    if (message?.method === MESSAGE) this.#take(message.params);
  }

  // The frame speaks first: before it does, nothing there listens.
  #greet(id) {
    if (id === this.#own) {
      this.#isOpen = true;
      for (const message of this.#waiting.splice(0)) this.#post(MESSAGE, message);
      return;
    }
    if (id !== this.#peer) {
      const isFirst = this.#peer === null;
      this.#peer = id;
      this.#isOpen = false;
      if (isFirst) this.#tell('alive', {});
    }
    this.#post(READY, id);
    if (!this.#isOpen) this.#post(READY, this.#own);
  }

  #take(message) {
    if (message?.type === 'response') return this.#answer(message);
    const event = message?.type === 'event' ? readEvent(message.data) : null;
    if (event) this.#tell(...event);
  }

  #tell(name, payload) {
    this.#on[name]?.(payload);
  }

  /** @param {{ id: number, result?: any, error?: any }} answer */
  #answer({ id, result, error }) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.resolve(result);
    else asked.reject(new Error(text(error) || 'refused'));
  }

  #send(message) {
    if (this.#isOpen) return this.#post(MESSAGE, message);
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  #post(method, params) {
    const message = JSON.stringify({ postis: true, scope: this.#scope, method, params });
    this.#element.contentWindow?.postMessage(message, this.#origin);
  }
}
