// The simulated server's end of the messages between a meeting's frame and the page around it.
const READY = "__ready__";
const EVERY = 50;

// Sends and hears JSON texts of one scope; messages wait until the other end has answered.
export class PostMessageTransportBackend {
  #window;
  #scope;
  #own = `${Date.now()}-${Math.random()}`;
  #ready = false;
  #waiting = [];
  #receive = () => {};
  #greeting;

  constructor({ postisOptions: { scope, window: other = window.parent } }) {
    this.#window = other;
    this.#scope = scope;
    addEventListener("message", (event) => this.#hear(event.data));
    this.#greeting = setInterval(() => this.#post(READY, this.#own), EVERY);
  }

  setReceiveCallback(receive) { this.#receive = receive; }

  send(message) {
    if (this.#ready) this.#post("message", message);
    else this.#waiting.push(message);
  }

  #hear(text) {
    let message;
    try { message = JSON.parse(text); } catch { return; }
    if (message?.postis !== true || message.scope !== this.#scope) return;
    if (message.method === "message") this.#receive(message.params);
    else if (message.method === READY && message.params === this.#own) this.#begin();
    else if (message.method === READY) this.#post(READY, message.params);
  }

  #begin() {
    clearInterval(this.#greeting);
    this.#ready = true;
    for (const message of this.#waiting.splice(0)) this.#post("message", message);
  }

  #post(method, params) {
    this.#window.postMessage(JSON.stringify({ postis: true, scope: this.#scope, method, params }), "*");
  }
}

// Events both ways, and requests from the page around.
export class Transport {
  #backend;
  #listeners = { event: [], request: [] };

  constructor({ backend }) {
    this.#backend = backend;
    backend.setReceiveCallback((message) => this.#take(message));
  }

  on(kind, listener) { this.#listeners[kind].push(listener); }
  sendEvent(data) { this.#backend.send({ type: "event", data }); }

  #take({ type, id, data }) {
    const answer = (result, error) => this.#backend.send({ type: "response", id, result, error });
    for (const listener of this.#listeners[type] ?? []) listener(data, answer);
  }
}
