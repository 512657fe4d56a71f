// What this page may do where it is shown, told on <html> for styles, tests and the other modules:
// data-framed, data-whole (yes: nothing but this page is in the window), and
// data-camera, data-microphone, data-screen = yes | no | unknown.
// Inside a frame it also tells the learning platform how tall it is.
const root = document.documentElement;
const framed = window.self !== window.top;
const policy = document.permissionsPolicy ?? document.featurePolicy;

function delegated(feature) {
  if (!framed) return 'yes';
  if (!policy?.allowsFeature) return 'unknown';
  return policy.allowsFeature(feature) ? 'yes' : 'no';
}

root.dataset.framed = framed ? 'yes' : 'no';
root.dataset.whole = !framed || fillsWindow() ? 'yes' : 'no';
root.dataset.camera = delegated('camera');
root.dataset.microphone = delegated('microphone');
root.dataset.screen = delegated('display-capture');

if (framed) tellHeight();

// As wide as the window, and as high as what lies below a browser's own bars.
function fillsWindow() {
  return outerWidth > 0 && innerWidth >= outerWidth - 4 && innerHeight >= outerHeight - 220;
}

function tellHeight() {
  // A page as tall as its frame cannot be measured: it asks for one height, once.
  const wanted = Number(document.body.dataset.frameHeight);
  if (wanted > 0) return send(wanted);

  let last = 0;
  let before = 0;
  let sentAt = -Infinity;
  let budget = 60;
  let timer;
  const measure = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    // Small changes, and a frame that answers by swinging between two heights, are left alone.
    const swinging = Math.abs(height - before) <= 8 && performance.now() - sentAt < 1000;
    if (Math.abs(height - last) <= 8 || swinging || budget === 0) return;
    budget -= 1;
    before = last;
    last = height;
    sentAt = performance.now();
    send(height);
  };
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(measure, 120);
  }).observe(document.body);
}

function send(height) {
  const message = { subject: 'lti.frameResize', height };
  window.parent.postMessage(message, '*');
  window.parent.postMessage(JSON.stringify(message), '*');
}
