// Keeps small things for the tool while this page is open, and tells where: LTI platform storage. Strict: it hears the
// tool's origin alone, and answers nobody else.
const { tool, frame, answers } = document.querySelector("[data-platform-storage]").dataset;
const LONGEST = 4096;
const MOST = 100;
const kept = new Map();

window.addEventListener("message", ({ origin, source, data }) => {
  if (origin !== tool || typeof data !== "object" || data === null) return;
  const { subject, message_id: id } = data;
  if (typeof subject !== "string" || typeof id !== "string") return;
  const answer = answerTo(data);
  if (answer) source.postMessage({ subject: `${subject}.response`, message_id: id, ...answer }, origin);
});

// Nothing for what is not asked here at all.
function answerTo({ subject, key, value }) {
  if (subject === "lti.capabilities") return answers === "data" ? null : capabilities();
  if (subject !== "lti.put_data" && subject !== "lti.get_data") {
    return { error: { code: "unsupported_subject", message: `This LMS does not know ${subject}` } };
  }
  if (answers === "capabilities") return { error: { code: "wrong_origin", message: `Ask the frame ${frame}` } };
  if (typeof key !== "string" || key === "") return { error: { code: "bad_request", message: "The key is missing" } };
  return subject === "lti.put_data" ? put(key, value) : { key, value: kept.get(key) ?? null };
}

function capabilities() {
  const data = ["lti.put_data", "lti.get_data"].map((subject) => (frame === "_parent" ? { subject } : { subject, frame }));
  return { supported_messages: [{ subject: "lti.capabilities" }, ...data] };
}

function put(key, value) {
  if (value === null || value === undefined) {
    kept.delete(key);
    return { key, value: null };
  }
  if (`${value}`.length > LONGEST || kept.size >= MOST) {
    return { error: { code: "storage_exhaustion", message: "That is too much to keep" } };
  }
  kept.set(key, `${value}`);
  return { key, value: `${value}` };
}
