// A page whose session its form carried was reloaded, or comes back by the browser's history: the browser kept the
// session beside the page's place there (carried.js), and asks for the page once more with it.
// A page that was opened before an upgrade called it `pass`.
const { sessionToken, pass, class: meeting } = history.state ?? {};
const token = sessionToken ?? pass;
if (typeof token === 'string' && token) {
  const [visit] = performance.getEntriesByType('navigation');
  const place = new URL(location.href);
  place.searchParams.set('open', 'yes');
  // The meeting page cannot see any more how it was come by.
  if (visit?.type === 'back_forward' || meeting === 'closed') place.hash = 'returned';
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: place.href, hidden: true });
  form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'session_token', value: token }));
  document.body.append(form);
  form.submit();
}
