// Shows a tool's registration page in a frame until the tool says that it is done. Strict: it hears the origin of the pasted
// address alone. The frame begins only once somebody listens, so that no tool is too fast.
const stage = document.getElementById("registration");
const frame = document.getElementById("registration-frame");
const { address, origin } = stage.dataset;
const clients = () => [...document.querySelectorAll("#tool-list [data-client]")].map((tool) => tool.dataset.client);
const before = new Set(clients());

window.addEventListener("message", async (message) => {
  if (message.origin !== origin || message.data?.subject !== "org.imsglobal.lti.close") return;
  stage.remove();
  await reload();
  const isNew = clients().some((client) => !before.has(client));
  const outcome = document.getElementById(isNew ? "registered" : "not-registered");
  outcome.hidden = false;
  outcome.focus();
});

frame.parentElement.hidden = false;
frame.src = address;

async function reload() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("tool-list");
    if (fresh) document.getElementById("tool-list").replaceWith(fresh);
  } catch {
    // The LMS was stopped; the page stays as it is.
  }
}
