// The settings' form: says that changes are not saved, and warns before they are lost.
const form = document.getElementById('settings');
const save = document.getElementById('save');
const back = document.getElementById('back');
const unsaved = document.getElementById('unsaved');
const problem = document.getElementById('problem');
const ready = save.textContent;
const values = () => new URLSearchParams(/** @type {any} */ (new FormData(form))).toString();
const before = values();
let leaving = false;

(problem ?? document.getElementById('filled-in') ?? document.getElementById('saved'))?.focus();
// Reloading the page is not saving once more. What else the address says stays: it names the session.
const query = new URLSearchParams(location.search);
if (query.has('saved')) {
  query.delete('saved');
  history.replaceState(history.state, '', `${location.pathname}${query.size ? `?${query}` : ''}`);
}

form.addEventListener('input', tell);
if (isDirty()) tell();

function isDirty() {
  return problem !== null || 'entered' in form.dataset || values() !== before;
}

function tell() {
  unsaved.hidden = !isDirty();
  if (isDirty() && back.dataset.unsaved) back.textContent = back.dataset.unsaved;
}

// That link says that nothing will be saved.
back.addEventListener('click', () => { leaving = true; });
form.addEventListener('submit', (event) => {
  if (save.getAttribute('aria-disabled') === 'true') return event.preventDefault();
  leaving = true;
  save.textContent = save.dataset.busy;
  // Not `disabled`: that would take the focus away from the button.
  save.setAttribute('aria-disabled', 'true');
  // The answer may never come.
  setTimeout(reset, 5000);
});
window.addEventListener('beforeunload', (event) => {
  // Browsers ask nobody who has done nothing on the page.
  if (!leaving && isDirty() && navigator.userActivation?.hasBeenActive !== false) event.preventDefault();
});
window.addEventListener('pageshow', (event) => { if (event.persisted) reset(); });

function reset() {
  leaving = false;
  save.textContent = ready;
  save.removeAttribute('aria-disabled');
}
