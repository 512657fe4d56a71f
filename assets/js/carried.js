// Where the browser keeps no cookies, the page carries the session in its forms, and its links go by one of them. This
// renews the session, and keeps it with the page's place in the browser's history, so that the page comes back after a
// reload and by Back (returning.js).
const EVERY = 10 * 60_000;
const PATIENCE = 15_000;
const own = document.getElementById('carried');
let renewedAt = Date.now();

remember();
setInterval(renew, EVERY);
// Clocks of pages that nobody looks at may stand still.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && Date.now() - renewedAt > EVERY) renew();
});

document.addEventListener('click', (event) => {
  const link = /** @type {any} */ (event.target).closest('a[href]');
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented || link.target || !isCarried(link)) return;
  event.preventDefault();
  own.action = link.href;
  own.submit();
});

function isCarried({ href }) {
  const { origin, searchParams } = new URL(href);
  return origin === location.origin && searchParams.has('open');
}

async function renew() {
  renewedAt = Date.now();
  try {
    const headers = { 'x-jitsi-lti': '1', 'x-jitsi-lti-session': own.elements.session_token.value };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(own.dataset.url, { headers, mode: 'same-origin', signal });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('#carried [name="session_token"]')?.value;
    if (!fresh) return;
    for (const field of document.querySelectorAll('input[name="session_token"]')) field.value = fresh;
    remember();
  } catch {
    // The next time may do.
  }
}

function remember() {
  history.replaceState({ ...history.state, sessionToken: own.elements.session_token.value }, '', location.href);
}
