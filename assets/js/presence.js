// Says to the service that this person is in the class, from the first join to the leave: breakout rooms and short breaks
// included. <html data-presence>: off | counting | refused | unreachable, told to `report` with the state before.
export class Presence {
  #config;
  #report;
  #worker = null;
  #network = null;
  #state = 'off';
  // Heartbeats that are not stored yet, by the clock that pages and workers share.
  #missed = [];

  constructor(config, report) {
    this.#config = config;
    this.#report = report;
  }

  // What proves to the service whose page this is; a page of before an upgrade calls it `pass`.
  get token() {
    return this.#config.token ?? this.#config.pass;
  }

  // With a new token the time counts as another visit; one that goes on keeps its own.
  renew(config) {
    if (!this.#worker) this.#config = config;
  }

  start() {
    if (this.#worker || this.#state === 'refused') return;
    const { everySeconds, worker } = this.#config;
    try {
      this.#worker = new Worker(worker);
    } catch (error) {
      console.error(error);
      return this.#become('refused');
    }
    this.#missed = [];
    this.#worker.onmessage = ({ data }) => {
      if (data.missed) this.#missed = data.missed;
      else this.#become(data === 'counted' ? 'counting' : data);
    };
    this.#worker.onerror = () => this.#become('refused');
    this.#worker.postMessage({ url: this.#url(), token: this.token, seconds: everySeconds, tellsMissed: true });
    // A browser that knows better than any failed attempt.
    this.#network = new AbortController();
    const { signal } = this.#network;
    window.addEventListener('offline', () => this.#become('unreachable'), { signal });
    window.addEventListener('online', () => this.#worker?.postMessage({ again: true }), { signal });
  }

  stop() {
    const worker = this.#end();
    this.#become('off');
    if (!worker) return;
    const now = performance.timeOrigin + performance.now();
    const missed = this.#missed.map((moment) => Math.max(0, Math.round(now - moment)));
    const body = JSON.stringify({ presence_token: this.token, event: 'leave', missed });
    navigator.sendBeacon(this.#url(), new Blob([body], { type: 'application/json' }));
  }

  #url() {
    return new URL(this.#config.url, location.origin).href;
  }

  #end() {
    const worker = this.#worker;
    this.#worker = null;
    this.#network?.abort();
    if (worker) {
      worker.onmessage = null;
      worker.terminate();
    }
    return worker;
  }

  #become(state) {
    const before = this.#state;
    this.#state = state;
    if (state === 'refused') this.#end();
    this.#report(state, before);
  }
}
