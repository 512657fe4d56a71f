// Copy buttons: <button data-copy="ID of the text" data-done data-manual hidden>.
// Where the frame may not use the clipboard, the older way; where that fails, a field with the text selected.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => copy(button));
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector('[data-copy-status]');
  const text = source.textContent.trim();
  if (await toClipboard(text) || bySelection(text)) {
    button.focus();
    status.textContent = button.dataset.done;
    setTimeout(() => { status.textContent = ''; }, 4000);
    return;
  }
  const field = makeField(text);
  field.className = 'input';
  field.setAttribute('aria-label', button.dataset.manual);
  source.replaceWith(field);
  button.hidden = true;
  field.focus();
  field.select();
  status.textContent = button.dataset.manual;
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function bySelection(text) {
  const field = makeField(text);
  field.className = 'sr-only';
  document.body.append(field);
  field.focus({ preventScroll: true });
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
  }
}

function makeField(text) {
  const field = document.createElement(text.includes('\n') ? 'textarea' : 'input');
  field.readOnly = true;
  field.value = text;
  return field;
}
