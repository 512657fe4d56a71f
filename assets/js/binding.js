// Shows that a launch comes from the browser that began the login, where that browser sends us no cookies. The login's
// page keeps a secret in our own storage and in the platform's; the launch's page looks for it and goes on with it.
const OWN_STORAGE_LIFE = 10 * 60_000;
const CAPABILITIES_PATIENCE = 500;
const PLATFORM_PATIENCE = 1_500;
const COMPLETION_PATIENCE = 15_000;
// The second is what platforms said before the specification was final.
const SUBJECTS = ['lti', 'org.imsglobal.lti'];

const { dataset } = document.getElementById('binding');
const { key, platform, target } = dataset;
if (dataset.secret) begin(dataset.secret);
else finish().catch(offerWindow);

async function begin(secret) {
  keepHere(secret);
  await askPlatform('put_data', { key, value: secret });
  location.replace(document.getElementById('lti-continue').href);
}

async function finish() {
  const kept = takeHere();
  if (kept) return complete(kept, 'local-storage');
  const answer = await askPlatform('get_data', { key });
  if (typeof answer?.value === 'string' && answer.value) return complete(answer.value, 'platform-storage');
  offerWindow();
  await send('', 'nowhere');
}

async function complete(secret, from) {
  const answer = await send(secret, from);
  if (!answer.ok) return showRefusal(await answer.text());
  const { room, open, session_token: token, probe, post, session } = await answer.json();
  if (post) return goOnWith(post, { session });
  const { kept } = await (await fetch(probe, { mode: 'same-origin' })).json();
  if (kept) return location.replace(room);
  // A window of its own keeps cookies where anything does.
  if (window.self !== window.top) return goOnWith(open, { session_token: token });
  offerWindow();
}

// A page that carries in its own form what it needs, so that it needs no cookie.
function goOnWith(action, fields) {
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
  document.body.append(form);
  form.submit();
}

function send(secret, from) {
  return fetch(dataset.complete, {
    method: 'POST',
    headers: { 'x-jitsi-lti': '1' },
    body: new URLSearchParams({ continuation: dataset.continuation, secret, from }),
    mode: 'same-origin',
    signal: AbortSignal.timeout(COMPLETION_PATIENCE),
  });
}

function offerWindow() {
  document.getElementById('binding').hidden = true;
  document.getElementById('new-window').hidden = false;
}

// The page of a refusal says what happened and what to do.
function showRefusal(html) {
  const main = new DOMParser().parseFromString(html, 'text/html').querySelector('main');
  if (!main) return offerWindow();
  document.querySelector('main').replaceWith(main);
}

// A browser that refuses cookies may refuse its storage too, and then each access throws.
function keepHere(secret) {
  try {
    localStorage.setItem(key, JSON.stringify({ secret, at: Date.now() }));
    // Logins that never came back.
    for (const old of Object.keys(localStorage).filter((name) => name.startsWith('lti_'))) {
      const { at } = JSON.parse(localStorage.getItem(old));
      if (Date.now() - at > OWN_STORAGE_LIFE) localStorage.removeItem(old);
    }
  } catch {
    // The platform's storage may do.
  }
}

function takeHere() {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    localStorage.removeItem(key);
    return kept?.secret;
  } catch {
    return null;
  }
}

// What the platform's storage answers; null where there is none, or it says nothing in time.
async function askPlatform(what, data) {
  const host = window.opener ?? (window.parent === window ? null : window.parent);
  if (!target || !host) return null;
  const told = await ask(host, 'capabilities', {}, '*', CAPABILITIES_PATIENCE);
  const offered = Array.isArray(told?.supported_messages) ? told.supported_messages : [];
  const frame = offered.find((one) => SUBJECTS.some((prefix) => one?.subject === `${prefix}.${what}`))?.frame;
  return ask(frameOf(host, frame ?? target), what, data, platform, PLATFORM_PATIENCE);
}

function frameOf(host, name) {
  try {
    return (name !== '_parent' && host.frames[name]) || host;
  } catch {
    return host;
  }
}

// Only the platform's own origin is heard, and only by the name of this question.
function ask(whom, what, data, origin, patience) {
  const questions = SUBJECTS.map((prefix) => ({ subject: `${prefix}.${what}`, message_id: crypto.randomUUID(), ...data }));
  return new Promise((resolve) => {
    let refusals = 0;
    const end = (answer) => {
      clearTimeout(timer);
      window.removeEventListener('message', hear);
      resolve(answer);
    };
    const hear = ({ origin: from, data: answer }) => {
      if (from !== platform || typeof answer !== 'object' || answer === null) return;
      const isOurs = ({ subject, message_id: id }) => answer.message_id === id && answer.subject === `${subject}.response`;
      if (!questions.some(isOurs)) return;
      if (!answer.error) return end(answer);
      refusals += 1;
      if (refusals === questions.length) end(null);
    };
    const timer = setTimeout(() => end(null), patience);
    window.addEventListener('message', hear);
    for (const question of questions) whom.postMessage(question, origin);
  });
}
