// A form marked data-send goes by itself; a part marked data-live follows the server.
import "./help.js";

document.querySelector("form[data-send]")?.submit();

const live = document.querySelector("[data-live]");
if (live) {
  setInterval(async () => {
    // Not while a button in it is pressed.
    if (document.hidden || live.querySelector(":active")) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.querySelector("[data-live]");
      if (!part || part.innerHTML === live.innerHTML || live.querySelector(":active")) return;
      const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
      live.innerHTML = part.innerHTML;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    } catch {
      // The LMS was stopped; the page stays as it is.
    }
  }, 3000);
}
