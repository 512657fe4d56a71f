// A page whose session its form carried was reloaded, or comes back by the browser's history: the browser kept the
// session beside the page's place there (carried.js), and asks for the page once more with it.
const { pass, class: meeting } = history.state ?? {};
if (typeof pass === 'string' && pass) {
  const [visit] = performance.getEntriesByType('navigation');
  const place = new URL(location.href);
  place.searchParams.set('open', 'yes');
  // The meeting page cannot see any more how it was come by.
  if (visit?.type === 'back_forward' || meeting === 'closed') place.hash = 'returned';
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: place.href, hidden: true });
  form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'pass', value: pass }));
  document.body.append(form);
  form.submit();
}
