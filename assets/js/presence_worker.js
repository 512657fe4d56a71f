// Says every few seconds that this person is still in the class. A worker, because hidden tabs slow down the page's
// own clocks. Told once {url, pass, seconds, tellsMissed}; tells the page: counted | refused | unreachable, and where it
// asked for that {missed}, the moments that are not stored yet, for a last word.
// A heartbeat that fails, or that the service keeps in memory alone (202), is told again with the next one, by its age.
const PATIENCE = 15_000;
const QUIET_FAILURES = 2;
const REFUSALS = [401, 403, 409];
const STORED = 204;
// The service believes neither more nor older ones.
const MAX_MISSED = 240;
const MAX_MISSED_AGE = 3_600_000;

let failures = 0;
// By a clock that nobody sets.
let missed = [];
let tells = false;

self.onmessage = ({ data: { url, pass, seconds, tellsMissed = false } }) => {
  tells = tellsMissed;
  const beat = async () => {
    if (REFUSALS.includes(await post(url, pass))) {
      clearInterval(timer);
      self.postMessage('refused');
    }
  };
  const timer = setInterval(beat, seconds * 1000);
  beat();
};

async function post(url, pass) {
  const now = performance.now();
  missed = missed.filter((moment) => now - moment < MAX_MISSED_AGE).slice(-MAX_MISSED);
  const told = [...missed];
  const body = { pass, event: 'beat', missed: told.map((moment) => Math.round(now - moment)) };
  keep([...missed, now]);
  try {
    const { ok, status } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      mode: 'same-origin',
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
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
  }
  failures += 1;
  if (failures > QUIET_FAILURES) self.postMessage('unreachable');
  return 0;
}

function keep(moments) {
  missed = moments;
  if (tells) self.postMessage({ missed: missed.map((moment) => performance.timeOrigin + moment) });
}
