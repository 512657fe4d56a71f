// The guided tour in a panel beside the page: it stays open from page to page until it is closed, and follows what was done.
const KEY = "help";
const PAUSE = 3000;
const WIDE = matchMedia("(min-width: 75rem)");
const panel = document.getElementById("help");
const button = document.getElementById("help-button");

if (panel) {
  const openers = document.querySelectorAll("a[data-controls=help]");
  for (const opener of openers) {
    // Without this script they lead to a page.
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-controls", "help");
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      if (panel.hidden || opener !== button) open();
      else close();
    });
    opener.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      opener.click();
    });
  }
  document.getElementById("help-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
  show(remembered() === "open" && document.getElementById("tour") === null);
}
setInterval(follow, PAUSE);

function show(isOpen) {
  panel.hidden = !isOpen;
  document.body.classList.toggle("has-help", isOpen);
  for (const opener of document.querySelectorAll("a[data-controls=help]")) opener.setAttribute("aria-expanded", String(isOpen));
}

function open() {
  remember("open");
  show(true);
  document.getElementById("help-title").focus({ preventScroll: WIDE.matches });
}

function close() {
  remember("closed");
  const hadFocus = panel.contains(document.activeElement);
  show(false);
  if (hadFocus) button.focus();
}

// Ticks what was done meanwhile, here or in another window.
async function follow() {
  const steps = [...document.querySelectorAll("[data-step]")].filter((step) => step.offsetParent !== null);
  if (document.hidden || steps.length === 0) return;
  try {
    const answer = await fetch("/tour", { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const step of steps) {
      const now = fresh.querySelector(`#tour [data-step="${step.dataset.step}"]`);
      if (!now || now.dataset.done === step.dataset.done) continue;
      step.dataset.done = now.dataset.done;
      step.querySelector("[data-mark]").textContent = now.querySelector("[data-mark]").textContent;
    }
    const count = fresh.querySelector("#tour [data-tour-count]").textContent;
    for (const line of document.querySelectorAll("[data-tour-count]")) {
      if (line.textContent !== count) line.textContent = count;
    }
  } catch {
    // The LMS was stopped; the page stays as it is.
  }
}

// A browser that keeps nothing for the page forgets whether the tour is open.
function remembered() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(state) {
  try {
    sessionStorage.setItem(KEY, state);
  } catch {
    // The tour stays as it is shown.
  }
}
