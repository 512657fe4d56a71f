// The activity's page: decides where the class opens, says why, and confirms that it did.
const { framed, camera, microphone, screen } = document.documentElement.dataset;
const OPENS_WITHIN = 1500;
const form = document.getElementById('join-form');
if (form) prepare(form);

function prepare(form) {
  const button = document.getElementById('join');
  const label = document.getElementById('join-label');
  const hint = document.getElementById('join-hint');
  const opened = document.getElementById('join-opened');
  const nothing = document.getElementById('join-nothing');
  const here = document.getElementById('join-here');
  const ready = label.textContent;

  const noDevices = camera === 'no' || microphone === 'no';
  const complete = camera === 'yes' && microphone === 'yes' && screen === 'yes';
  const askedForWindow = location.hash === '#new-window';
  if (framed === 'no' || (complete && !askedForWindow)) {
    form.target = '_self';
    explain('here');
  } else if (noDevices) {
    explain('frame');
  } else if (screen === 'no') {
    explain('screen');
  }
  here.hidden = noDevices;

  // A new window is not judged by this frame's rules; a refusal by the person counts everywhere.
  if (!noDevices) watchRefusals();

  form.addEventListener('submit', () => {
    label.textContent = form.dataset.opening;
    // Not `disabled`: that would take the focus away from the button.
    button.setAttribute('aria-disabled', 'true');
    setTimeout(reset, 5000);
    if (form.target === '_blank') watchWindow();
  });
  button.addEventListener('click', (event) => {
    if (button.getAttribute('aria-disabled') === 'true') event.preventDefault();
  });
  here.addEventListener('click', () => {
    form.target = '_self';
    reset();
    form.requestSubmit();
  });
  // Back from the class through the browser's history: the page as it was before.
  window.addEventListener('pageshow', (event) => { if (event.persisted) reset(); });

  function reset() {
    label.textContent = ready;
    button.removeAttribute('aria-disabled');
  }

  // One sentence says where the class opens, and why there.
  function explain(why) {
    hint.dataset.why = why;
    hint.textContent = hint.dataset[why];
  }

  // A window that opens takes the focus from this page, or hides it. Whoever comes back knows where the class is.
  function watchWindow() {
    const seen = new AbortController();
    const away = () => {
      opened.hidden = false;
      nothing.hidden = true;
    };
    const here = () => {
      if (opened.hidden) return;
      opened.hidden = true;
      seen.abort();
    };
    window.addEventListener('blur', away, { signal: seen.signal });
    window.addEventListener('focus', here, { signal: seen.signal });
    document.addEventListener('visibilitychange', () => (document.hidden ? away() : here()), { signal: seen.signal });
    nothing.hidden = true;
    setTimeout(() => {
      if (document.hidden || !document.hasFocus()) away();
      else if (!seen.signal.aborted) nothing.hidden = false;
    }, OPENS_WITHIN);
  }
}

async function watchRefusals() {
  const notice = document.getElementById('notice-denied');
  const states = [];
  for (const name of ['camera', 'microphone']) {
    try {
      states.push(await navigator.permissions.query({ name: /** @type {any} */ (name) }));
    } catch {
      // This browser does not tell: the class itself will ask.
    }
  }
  const update = () => { notice.hidden = !states.some((status) => status.state === 'denied'); };
  states.forEach((status) => status.addEventListener('change', update));
  update();
}
