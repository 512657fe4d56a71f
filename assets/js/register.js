// The end of a registration: tells the platform to close the page (LTI Dynamic Registration 1.0 §3.6), by itself where
// nothing on the page needs a decision; pointing at the page or moving into it keeps it open.
const finish = document.getElementById('finish');
const opener = window.opener ?? (window.parent === window ? null : window.parent);

if (finish && opener) {
  finish.hidden = false;
  finish.addEventListener('click', close);
  if ('byItself' in finish.dataset) {
    const note = document.getElementById('by-itself');
    note.hidden = false;
    const timer = setTimeout(close, 6000);
    const stay = () => {
      clearTimeout(timer);
      note.hidden = true;
    };
    for (const sign of ['pointermove', 'keydown']) document.addEventListener(sign, stay, { once: true });
  }
}

for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', () => {
    const button = form.querySelector('[data-busy]');
    button.textContent = button.dataset.busy;
    setTimeout(() => { button.disabled = true; });
  });
}

function close() {
  opener.postMessage({ subject: 'org.imsglobal.lti.close' }, '*');
}
