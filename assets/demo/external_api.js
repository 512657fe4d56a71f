// The constructor that pages use to put a meeting into themselves; this one belongs to the simulated server.
(() => {
  const scheme = document.currentScript ? new URL(document.currentScript.src).protocol : "https:";
  const delegated = [
    "autoplay", "camera", "clipboard-write", "compute-pressure", "display-capture", "fullscreen",
    "hid", "microphone", "screen-wake-lock", "speaker-selection", "window-management",
  ];
  let made = 0;

  const size = (value) => (typeof value === "number" ? `${value}px` : value);

  function fragment(options, id) {
    const parts = [`apiId=${id}`];
    const add = (name, value) => parts.push(`${name}=${encodeURIComponent(JSON.stringify(value))}`);
    if (options.jwt) add("jwt", options.jwt);
    for (const [key, value] of Object.entries(options.configOverwrite ?? {})) add(`config.${key}`, value);
    for (const [key, value] of Object.entries(options.interfaceConfigOverwrite ?? {})) add(`interfaceConfig.${key}`, value);
    for (const [key, value] of Object.entries(options.userInfo ?? {})) add(`userInfo.${key}`, value);
    return parts.join("&");
  }

  class JitsiMeetExternalAPI {
    #id = ++made;
    #frame = document.createElement("iframe");
    #listeners = new Map();
    #people = [];
    #origin;
    #hear = (message) => this.#receive(message);

    constructor(domain, options = {}) {
      const url = new URL(`${scheme}//${domain}/${options.roomName ?? ""}`);
      if (options.lang) url.searchParams.set("lang", options.lang);
      url.hash = fragment(options, this.#id);
      this.#origin = url.origin;
      this.#frame.allow = delegated.join("; ");
      this.#frame.name = `jitsiConferenceFrame${this.#id}`;
      this.#frame.id = this.#frame.name;
      this.#frame.title = "Jitsi";
      this.#frame.style.border = "0";
      this.#frame.style.width = size(options.width ?? "100%");
      this.#frame.style.height = size(options.height ?? "100%");
      this.#frame.allowFullscreen = true;
      this.#frame.src = url.href;
      addEventListener("message", this.#hear);
      if (options.onload) this.on("ready", options.onload);
      (options.parentNode ?? document.body).append(this.#frame);
    }

    #receive(message) {
      if (message.source !== this.#frame.contentWindow || message.origin !== this.#origin) return;
      const { simulated, apiId, event, data } = message.data ?? {};
      if (simulated !== true || apiId !== String(this.#id)) return;
      if (event === "_people") this.#people = data.people;
      else for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(data);
    }

    on(event, listener) {
      if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
      this.#listeners.get(event).add(listener);
      return this;
    }

    off(event, listener) {
      if (listener) this.#listeners.get(event)?.delete(listener);
      else this.#listeners.delete(event);
      return this;
    }

    addListener(event, listener) { return this.on(event, listener); }
    removeListener(event, listener) { return this.off(event, listener); }
    addEventListener(event, listener) { return this.on(event, listener); }
    removeEventListener(event) { return this.off(event); }
    addEventListeners(listeners) { for (const [event, listener] of Object.entries(listeners)) this.on(event, listener); }
    removeEventListeners(events) { for (const event of events) this.off(event); }

    once(event, listener) {
      const first = (data) => { this.off(event, first); listener(data); };
      return this.on(event, first);
    }

    executeCommand(command, ...args) {
      this.#frame.contentWindow?.postMessage({ simulated: true, apiId: String(this.#id), command, args }, this.#origin);
    }

    executeCommands(commands) { for (const [command, args] of Object.entries(commands)) this.executeCommand(command, ...[args].flat()); }
    getNumberOfParticipants() { return this.#people.length; }
    getParticipantsInfo() { return this.#people.map(({ id, name, avatar }) => ({ participantId: id, displayName: name, avatarURL: avatar })); }
    async getRoomsInfo() { return { rooms: [{ isMainRoom: true, participants: this.getParticipantsInfo() }] }; }
    getIFrame() { return this.#frame; }

    dispose() {
      removeEventListener("message", this.#hear);
      this.#listeners.clear();
      this.#frame.remove();
    }
  }

  window.JitsiMeetExternalAPI = JitsiMeetExternalAPI;
})();
