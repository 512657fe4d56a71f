// Moments in the viewer's own zone, which only the browser knows: those on the page, and those in forms, which send each
// in UTC too. The attendance list has a script of its own.
const { lang } = document.documentElement;
const full = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' });
const clock = new Intl.DateTimeFormat(lang, { hour: 'numeric', minute: '2-digit' });
const zone = new Intl.DateTimeFormat(lang, { timeZoneName: 'short' })
  .formatToParts(new Date())
  .find((part) => part.type === 'timeZoneName')?.value;

/** By zone, what tells its time. */
const zones = new Map();

for (const time of document.querySelectorAll('time[datetime]')) {
  if (time.closest('#attendance')) continue;
  const moment = new Date(time.dateTime);
  const { since, zone: there } = time.dataset;
  if (there) {
    time.textContent = at(there)[since ? 'clock' : 'day'].format(moment);
    continue;
  }
  const sameDay = since && new Date(since).toDateString() === moment.toDateString();
  time.textContent = (sameDay ? clock : full).format(moment);
}

for (const one of document.querySelectorAll('[data-utc]')) if (zone) one.textContent = `(${zone})`;

// Where nobody has said it, the zone is the browser's.
for (const one of document.querySelectorAll('[data-guess-zone]')) {
  /** @type {HTMLInputElement} */ (one).value = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

for (const twin of document.querySelectorAll('[data-moment]')) {
  const field = document.getElementById(twin.dataset.moment);
  const known = Date.parse(twin.value);
  if (field.value && !Number.isNaN(known)) field.value = local(new Date(known));
  const tell = () => {
    const moment = field.value ? new Date(field.value) : null;
    twin.value = moment && !Number.isNaN(moment.getTime()) ? moment.toISOString() : '';
  };
  tell();
  field.addEventListener('input', tell);
  field.addEventListener('change', tell);
}

function local(moment) {
  const two = (number) => String(number).padStart(2, '0');
  const date = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join('-');
  return `${date}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** What tells the time of a course's zone, whatever the viewer's is. */
function at(timeZone) {
  if (!zones.has(timeZone)) {
    const day = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit', timeZone };
    zones.set(timeZone, {
      day: new Intl.DateTimeFormat(lang, /** @type {any} */ (day)),
      clock: new Intl.DateTimeFormat(lang, { hour: 'numeric', minute: '2-digit', timeZone }),
    });
  }
  return zones.get(timeZone);
}
