// Says every few seconds that this person is still in the class. A worker, because hidden tabs slow down the page's
// own clocks. Told {url, token, seconds, tellsMissed}, and after that anything to do it at once; tells the page: counted |
// refused | unreachable, and where it asked for that {missed}, the moments that are not stored yet, for a last word.
// A heartbeat that fails, or that the service keeps in memory alone (202), is told again with the next one, by its age.
const TIMEOUT = 15_000;
// An answer that takes longer is told as missing; it may still come.
const DOUBT_AFTER = 10_000;
// One failure may be a hiccup: tried again this soon, before anybody is told.
const RETRY_AFTER = 5_000;
// The network says that it is back a moment before it is.
const RETRY_SOON = 1_000;
const QUIET_FAILURES = 1;
const REFUSALS = [401, 403, 409];
const STORED = 204;
// The service believes neither more nor older ones.
const MAX_MISSED = 240;
const MAX_MISSED_AGE = 3_600_000;

let failures = 0;
// By a clock that nobody sets.
let missed = [];
let tells = false;
let beatNow = null;

self.onmessage = ({ data }) => (beatNow ? beatNow(true) : begin(data));

// A page that was opened before an upgrade calls the token `pass`.
function begin({ url, pass, token = pass, seconds, tellsMissed = false }) {
  tells = tellsMissed;
  let retry = null;
  const beat = async (soon = false) => {
    clearTimeout(retry);
    if (REFUSALS.includes(await post(url, token))) {
      clearInterval(timer);
      clearTimeout(retry);
      self.postMessage('refused');
    } else if (failures > 0 && (soon || failures === QUIET_FAILURES) && seconds * 1000 > RETRY_AFTER) {
      retry = setTimeout(beat, soon ? RETRY_SOON : RETRY_AFTER);
    }
  };
  const timer = setInterval(beat, seconds * 1000);
  beatNow = beat;
  beat();
}

async function post(url, token) {
  const now = performance.now();
  missed = missed.filter((moment) => now - moment < MAX_MISSED_AGE).slice(-MAX_MISSED);
  const told = [...missed];
  const body = { presence_token: token, event: 'beat', missed: told.map((moment) => Math.round(now - moment)) };
  keep([...missed, now]);
  const doubt = setTimeout(() => self.postMessage('unreachable'), DOUBT_AFTER);
  try {
    const { ok, status } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      mode: 'same-origin',
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (REFUSALS.includes(status)) return status;
    if (status === STORED) keep(missed.filter((moment) => moment !== now && !told.includes(moment)));
    if (ok) {
      failures = 0;
      self.postMessage('counted');
      return status;
    }
  } catch {
    // No connection: the next beat may get through, and tells this one too.
  } finally {
    clearTimeout(doubt);
  }
  failures += 1;
  if (failures > QUIET_FAILURES) self.postMessage('unreachable');
  return 0;
}

function keep(moments) {
  missed = moments;
  if (tells) self.postMessage({ missed: missed.map((moment) => performance.timeOrigin + moment) });
}
