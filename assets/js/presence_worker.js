// Says every few seconds that this person is still in the class. A worker, because hidden tabs slow down the page's
// own clocks. Told once {url, pass, seconds}; tells the page: counted | refused | unreachable.
const PATIENCE = 15_000;
const QUIET_FAILURES = 2;
const REFUSALS = [401, 403, 409];

let failures = 0;

self.onmessage = ({ data: { url, pass, seconds } }) => {
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
  try {
    const { ok, status } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ pass, event: 'beat' }),
      mode: 'same-origin',
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (REFUSALS.includes(status)) return status;
    if (ok) {
      failures = 0;
      self.postMessage('counted');
      return status;
    }
  } catch {
    // No connection: the next beat may get through.
  }
  failures += 1;
  if (failures > QUIET_FAILURES) self.postMessage('unreachable');
  return 0;
}
