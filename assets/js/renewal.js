// Where the browser keeps no cookies, the addresses on a page hold the session, and live for an hour: this renews them.
const EVERY = 10 * 60_000;
const PATIENCE = 15_000;
const SESSION = /([?&]s=)[\w-]+/;
const own = document.getElementById('renewal');
let renewedAt = Date.now();

setInterval(renew, EVERY);
// Clocks of pages that nobody looks at may stand still.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && Date.now() - renewedAt > EVERY) renew();
});

async function renew() {
  renewedAt = Date.now();
  try {
    const headers = { 'x-jitsi-lti': '1' };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(own.dataset.url, { headers, mode: 'same-origin', signal });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('renewal')?.dataset.url.match(SESSION)?.[0].slice(3);
    if (fresh) put(fresh);
  } catch {
    // The next time may do.
  }
}

function put(session) {
  const renewed = (address) => address.replace(SESSION, `$1${session}`);
  for (const link of document.querySelectorAll('a[href*="s="]')) link.setAttribute('href', renewed(link.getAttribute('href')));
  for (const one of document.querySelectorAll('[data-url*="s="]')) one.dataset.url = renewed(one.dataset.url);
  history.replaceState(history.state, '', renewed(location.href));
}
