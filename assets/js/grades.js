// Sends grades again without leaving the page, and says what became of it. attendance.js shows the list.
const PATIENCE = 15_000;
const section = document.getElementById('attendance');
const announcement = document.createElement('p');
announcement.className = 'sr-only';
announcement.setAttribute('role', 'status');
document.body.append(announcement);

// Which buttons wait for an answer, by their value: one person, or nobody for all.
const busy = new Set();
// Which of them could not send, and why.
const failed = new Map();
// Whose grades were sent again, and have not come to an end yet.
const followed = new Set();
let trouble = troubleNow();

section.addEventListener('submit', (event) => {
  if (event.target.id !== 'grades-send') return;
  event.preventDefault();
  send(event.target, event.submitter.value);
});
section.addEventListener('attendance:shown', () => {
  dress();
  follow();
});

async function send(form, user) {
  if (busy.has(user)) return;
  busy.add(user);
  failed.delete(user);
  const asked = user ? [user] : buttons().map((button) => button.value).filter(Boolean);
  dress();
  tell(form.dataset.busy);
  try {
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    body.set('user', user);
    const signal = AbortSignal.timeout(PATIENCE);
    const headers = { 'x-jitsi-lti': '1' };
    const answer = await fetch(form.action, { method: 'POST', body, headers, mode: 'same-origin', signal });
    const html = await answer.text();
    busy.delete(user);
    if (!answer.ok) throw new Error(reason(html));
    asked.forEach((one) => followed.add(one));
    section.dispatchEvent(new CustomEvent('attendance:news', { detail: html }));
    dress();
    follow(form.dataset.told);
  } catch ({ name, message }) {
    busy.delete(user);
    failed.set(user, (name === 'Error' && message) || form.dataset.failed);
    dress();
    tell(failed.get(user));
  }
}

// The page of a refusal says what happened and what to do.
function reason(html) {
  const refusal = new DOMParser().parseFromString(html, 'text/html').getElementById('refused');
  const parts = ['h1', '.notice p'].map((part) => refusal?.querySelector(part)?.textContent);
  return parts.every(Boolean) ? `${parts[0]}. ${parts[1]}` : '';
}

function buttons() {
  return [...section.querySelectorAll('button[form="grades-send"]')];
}

// The list is drawn anew from time to time: its buttons look again as they did.
function dress() {
  const form = document.getElementById('grades-send');
  for (const button of buttons()) {
    const isBusy = busy.has(button.value);
    button.dataset.ready ??= button.textContent;
    button.textContent = isBusy ? form.dataset.busy : button.dataset.ready;
    // Not `disabled`: that would take the focus away from the button.
    if (isBusy) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
    button.nextElementSibling?.remove();
    if (failed.has(button.value)) button.after(complaint(failed.get(button.value)));
  }
}

function complaint(words) {
  const note = document.createElement('p');
  note.className = 'grades__failed small';
  note.textContent = words;
  return note;
}

// Says how those stand who were sent again, once each has come to an end; until then `meanwhile`.
function follow(meanwhile) {
  const rows = [...followed].map((user) => document.getElementById(`learner-${user}`)?.parentElement).filter(Boolean);
  const isOver = !rows.some(({ dataset }) => dataset.state === 'waiting');
  const one = rows.length === 1 && rows[0];
  const standing = () => (one ? text(one.querySelector('.badge')) : text(document.getElementById('grades-counts')));
  if (rows.length && (isOver || meanwhile)) {
    const words = isOver || troubleNow() ? standing() : meanwhile;
    tell(one ? `${one.dataset.learner}: ${words}` : words);
    if (isOver) followed.clear();
  } else if (troubleNow() !== trouble) {
    tell(text(document.querySelector('#grades-trouble strong')));
  }
  trouble = troubleNow();
}

function text(element) {
  return element?.textContent.trim().replace(/\s*\n\s*/g, ', ') ?? '';
}

function troubleNow() {
  return document.getElementById('grades')?.dataset.trouble ?? '';
}

function tell(words) {
  if (words) announcement.textContent = words;
}
