// Carries the answer back to the platform. Once: whoever comes back by the browser's history has the button.
const form = document.getElementById('picked');
const [navigation] = performance.getEntriesByType('navigation');
if (navigation?.type !== 'back_forward') form.submit();
