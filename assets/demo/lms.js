// A form marked data-send goes by itself; a part marked data-live follows the server.
document.querySelector("form[data-send]")?.submit();

const live = document.querySelector("[data-live]");
if (live) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.querySelector("[data-live]");
      if (part && part.innerHTML !== live.innerHTML) live.innerHTML = part.innerHTML;
    } catch {
      // The LMS was stopped; the page stays as it is.
    }
  }, 3000);
}
