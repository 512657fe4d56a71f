// The page where a teacher chooses classes: leads to what is wrong, and sends once.
const form = document.getElementById('picker');
const wrong = form.querySelector('[aria-invalid]');
const started = form.querySelector('[autofocus]');
(wrong ?? started ?? document.getElementById('problem'))?.focus();

let sent = false;
form.addEventListener('submit', (event) => {
  if (sent) return event.preventDefault();
  sent = true;
  // The answer may never come.
  setTimeout(() => { sent = false; }, 5000);
});
window.addEventListener('pageshow', (event) => { if (event.persisted) sent = false; });

// Minutes matter where there is a grade; a new class where no other one is chosen.
for (const box of form.querySelectorAll('[id^="graded-"][type="checkbox"]')) {
  const target = document.getElementById(box.id.replace('graded', 'target')).closest('.field');
  const show = () => { target.hidden = !box.checked; };
  box.addEventListener('change', show);
  show();
}
const radios = form.querySelectorAll('input[type="radio"][name="existing"]');
const fresh = document.getElementById('class-0');
const show = () => { fresh.hidden = !document.getElementById('new').checked; };
for (const radio of radios) radio.addEventListener('change', show);
if (radios.length > 0) show();
