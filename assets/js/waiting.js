// Waits at the door of a class: asks whether it is open, more and more seldom, and goes in without a touch.
const FIRST = 3000;
const SELDOM = 20_000;
const TIMEOUT = 10_000;
// Whoever waits this long without an answer is told that we still try.
const SILENCE = 60_000;
const REFUSED = [401, 403, 404];

const section = document.getElementById('waiting');
const trying = document.getElementById('waiting-trying');
let pause = FIRST;
let heard = Date.now();
let timer = null;
let asking = false;

plan();
document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
window.addEventListener('online', ask);

function plan() {
  clearTimeout(timer);
  // A course that waits does not ask at the same moment.
  timer = setTimeout(ask, pause * (0.8 + Math.random() * 0.4));
  pause = Math.min(pause * 1.2, SELDOM);
}

async function ask() {
  if (asking) return;
  asking = true;
  try {
    const token = /** @type {any} */ (document.querySelector('#carried [name="session_token"]'))?.value;
    const headers = { 'x-jitsi-lti': '1', ...(token ? { 'x-jitsi-lti-session': token } : {}) };
    const signal = AbortSignal.timeout(TIMEOUT);
    const answer = await fetch(section.dataset.url, { headers, mode: 'same-origin', signal });
    // A session that is over, a person who was blocked: asking again helps nobody, and the page itself says why.
    if (REFUSED.includes(answer.status)) return enter();
    if (!answer.ok) throw new Error(`${answer.status}`);
    const { state } = await answer.json();
    heard = Date.now();
    if (state !== section.dataset.state) return enter();
  } catch {
    // The next time may do.
  } finally {
    asking = false;
  }
  trying.hidden = Date.now() - heard < SILENCE;
  plan();
}

// The link does it with and without cookies; what else the door says, the page says then.
function enter() {
  section.dataset.state = 'entering';
  document.getElementById('enter').click();
}
