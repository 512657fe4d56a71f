// Forms about time: the end follows the beginning, and the browser's names of zones are offered.
const begins = /** @type {HTMLInputElement | null} */ (document.getElementById('begins'));
const ends = /** @type {HTMLInputElement | null} */ (document.getElementById('ends'));
const zones = document.getElementById('zones');
const HOUR = 3_600_000;
let before = begins?.value ?? '';

(document.getElementById('problem') ?? document.getElementById('preview') ?? document.getElementById('saved'))?.focus();
// Reloading the page is not saving once more. What else the address says stays: it names the session.
const query = new URLSearchParams(location.search);
if (query.has('saved')) {
  query.delete('saved');
  history.replaceState(history.state, '', `${location.pathname}${query.size ? `?${query}` : ''}`);
}

begins?.addEventListener('change', () => {
  // Both are times of a clock on the wall: read as UTC, no zone of the browser moves them.
  const [now, was, end] = [begins.value, before, ends.value].map((value) => Date.parse(`${value}Z`));
  before = begins.value;
  if (Number.isNaN(now)) return;
  const length = Number.isNaN(end) || Number.isNaN(was) || end <= was ? HOUR : end - was;
  ends.value = new Date(now + length).toISOString().slice(0, 16);
});

// Two forms never both go: what a second press would send is what the first one sent.
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    // The answer may never come.
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
}
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form')) delete form.dataset.sent;
});

if (zones && 'supportedValuesOf' in Intl) {
  zones.append(...Intl.supportedValuesOf('timeZone').map((name) => new Option(name, name)));
}
