// The administrator's pages: compares the browser's clock with the service's, looks whether an invited platform has
// arrived, and shows that a test takes its time.
const clock = document.querySelector('[data-check="clock"]');
if (clock) {
  const entry = performance.getEntriesByType('navigation')[0];
  const answered = performance.timeOrigin + (entry?.responseStart ?? 0);
  const good = Math.abs(answered - Number(clock.dataset.now)) < 30_000;
  clock.dataset.good = good ? 'yes' : 'no';
  clock.querySelector('.badge--good').hidden = !good;
  clock.querySelector('.badge--warn').hidden = good;
  clock.querySelector('[data-result="good"]').hidden = !good;
  clock.querySelector('[data-result="bad"]').hidden = good;
  clock.hidden = false;
  const title = document.getElementById('checks-title');
  if (!good) title.textContent = title.dataset.toDo;
}

const arrived = document.getElementById('arrived');
if (arrived?.dataset.state === 'waiting') {
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const page = await look(arrived.dataset.see);
    if (!page || page.dataset.state === arrived.dataset.state) return;
    if (page.dataset.state === 'arrived') clearInterval(timer);
    arrived.dataset.state = page.dataset.state;
    arrived.replaceChildren(...page.childNodes);
    // Its address is used up.
    document.getElementById('invited')?.remove();
  }, 2000);
}

async function look(url) {
  try {
    const answer = await fetch(url, { headers: { accept: 'text/html' } });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('arrived');
  } catch {
    return null;
  }
}

for (const button of document.querySelectorAll('button[data-busy]')) {
  button.form.addEventListener('submit', (event) => {
    if (event.submitter !== button) return;
    button.textContent = button.dataset.busy;
    setTimeout(() => { button.disabled = true; });
  });
}

document.getElementById('findings')?.focus({ preventScroll: true });

// A form of a server shows what its kind needs.
const kinds = document.querySelectorAll('[data-kinds]');
if (kinds.length > 0) {
  const show = () => {
    const kind = document.querySelector('input[name="kind"]:checked')?.value;
    for (const part of kinds) part.hidden = !part.dataset.kinds.split(' ').includes(kind);
  };
  for (const choice of document.querySelectorAll('input[name="kind"]')) choice.addEventListener('change', show);
  show();
}
