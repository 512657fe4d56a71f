// The page inside a simulated meeting: joins, shows who is there, tells the page around it what happens.
import { PostMessageTransportBackend, Transport } from "./transport.js";

// The settings a real client takes from outside; everything else it drops without a word.
const ACCEPTED = new Set(`apiLogLevels audioQuality autoKnockLobby breakoutRooms brandingRoomAlias buttonsWithNotifyClick
callDisplayName channelLastN conferenceInfo connectionIndicators constraints customToolbarButtons defaultLocalDisplayName
defaultLogoUrl defaultRemoteDisplayName deploymentUrls desktopSharingFrameRate disable1On1Mode
disableAddingBackgroundImages disableChat disableDeepLinking disableFocus disableInviteFunctions disableInitialGUM
disableJoinLeaveSounds disableModeratorIndicator disablePolls disableProfile disableReactions
disableRecordAudioNotification disableRemoteMute disableSelfDemote disableSelfView disableShortcuts disableShowMoreStats
disableThirdPartyRequests disableTileView disableVirtualBackground disabledNotifications disabledSounds doNotStoreRoom
e2ee e2eping enableCalendarIntegration enableInsecureRoomNameWarning enableLobbyChat faceLandmarks feedbackPercentage
filmstrip giphy hiddenPremeetingButtons hideAddRoomButton hideConferenceSubject hideConferenceTimer hideDisplayName
hideEmailInSettings hideLobbyButton hideParticipantsStats hideRecordingLabel iAmRecorder liveStreaming
liveStreamingEnabled lobby localRecording localSubject mainToolbarButtons notifications notificationTimeouts
notifyOnConferenceDestruction participantMenuButtonsWithNotifyClick participantsPane pip preferVisitor raisedHands
readOnlyName recordingService reducedUIEnabled remoteVideoMenu requireDisplayName resolution roomPasswordNumberOfDigits
screenshotCapture securityUi speakerStats startAudioMuted startAudioOnly startSilent startVideoMuted startWithAudioMuted
startWithVideoMuted subject testing tileView toolbarButtons toolbarConfig transcribingEnabled transcription
useHostPageLocalStorage videoQuality virtualBackground`.split(/\s+/));
// Objects of which only some members are taken.
const MEMBERS = {
  analytics: ["disabled"], deeplinking: ["disabled"], dropbox: ["appKey"], fileSharing: ["enabled"], gravatar: ["disabled"],
  p2p: ["enabled"], prejoinConfig: ["enabled", "hideDisplayName", "hideExtraJoinButtons"],
  recordings: ["recordAudioAndVideo", "showPrejoinWarning", "showRecordingLink", "suggestRecording"],
  visitors: ["enableMediaOnPromote", "hideVisitorCountForVisitors", "showJoinMeetingDialog"], whiteboard: ["enabled"],
};
const INTERFACE = new Set(`AUDIO_LEVEL_PRIMARY_COLOR AUDIO_LEVEL_SECONDARY_COLOR AUTO_PIN_LATEST_SCREEN_SHARE
CLOSE_PAGE_GUEST_HINT CONNECTION_INDICATOR_AUTO_HIDE_ENABLED CONNECTION_INDICATOR_AUTO_HIDE_TIMEOUT
CONNECTION_INDICATOR_DISABLED DEFAULT_BACKGROUND DEFAULT_LOCAL_DISPLAY_NAME DEFAULT_REMOTE_DISPLAY_NAME
DISABLE_PRESENCE_STATUS DISABLE_JOIN_LEAVE_NOTIFICATIONS DISABLE_DOMINANT_SPEAKER_INDICATOR DISABLE_FOCUS_INDICATOR
DISABLE_PRIVATE_MESSAGES DISABLE_TRANSCRIPTION_SUBTITLES DISABLE_VIDEO_BACKGROUND ENABLE_DIAL_OUT FILM_STRIP_MAX_HEIGHT
INITIAL_TOOLBAR_TIMEOUT LANG_DETECTION NATIVE_APP_NAME PROVIDER_NAME RECENT_LIST_ENABLED SETTINGS_SECTIONS
SHOW_CHROME_EXTENSION_BANNER SHOW_POWERED_BY TILE_VIEW_MAX_COLUMNS TOOLBAR_ALWAYS_VISIBLE TOOLBAR_BUTTONS TOOLBAR_TIMEOUT
VERTICAL_FILMSTRIP VIDEO_LAYOUT_FIT VIDEO_QUALITY_LABEL_DISABLED`.split(/\s+/));
const SHOWN_FEATURES = {
  recording: "Recording", livestreaming: "Live stream", transcription: "Transcription", "outbound-call": "Dial-out",
  "screen-sharing": "Screen sharing",
};

const body = document.body;
const at = (id) => document.getElementById(id);
const room = body.dataset.room;
const wishes = read();
let seat = null;
let people = new Map();
let timer = 0;
const transport = connect();
// For whoever plays with the simulated server: what else Jitsi may tell.
window.simulation = { tell };

function read() {
  const found = { config: {}, ignored: [], user: {}, jwt: new URLSearchParams(location.search).get("jwt"), scope: null };
  for (const part of location.hash.slice(1).split("&").filter(Boolean)) {
    const cut = part.indexOf("=");
    const name = decodeURIComponent(part.slice(0, cut));
    let value = decodeURIComponent(part.slice(cut + 1));
    try { value = JSON.parse(value); } catch { /* plain text */ }
    if (name === "jwt") found.jwt = body.dataset.reads === "query" ? found.jwt : String(value);
    else if (name === "jitsi_meet_external_api_id") found.scope = Number.isInteger(value) ? `jitsi_meet_external_api_${value}` : null;
    else if (name.startsWith("userInfo.")) found.user[name.slice(9)] = value;
    else if (name.startsWith("config.")) take(found, name.slice(7), value);
    else if (name.startsWith("interfaceConfig.") && !INTERFACE.has(name.slice(16))) found.ignored.push(name);
  }
  return found;
}

function take(found, name, value) {
  const [top, member] = name.split(".");
  if (ACCEPTED.has(top)) {
    if (member) (found.config[top] ??= {})[member] = value;
    else found.config[top] = value;
    return;
  }
  const members = member ? { [member]: value } : value;
  if (!(top in MEMBERS) || typeof members !== "object" || members === null) return void found.ignored.push(name);
  for (const [key, one] of Object.entries(members)) {
    if (MEMBERS[top].includes(key)) (found.config[top] ??= {})[key] = one;
    else found.ignored.push(`${top}.${key}`);
  }
}

function connect() {
  if (wishes.scope === null || parent === window) return null;
  const made = new Transport({ backend: new PostMessageTransportBackend({ postisOptions: { scope: wishes.scope } }) });
  made.on("event", ({ name, data }) => {
    if (name === "video-hangup") hangUp();
    if (name === "set-tile-view") body.dataset.tiles = String(data[0]);
    if (name === "subject") at("subject").textContent = String(data[0]);
    return true;
  });
  made.on("request", ({ name }, answer) => {
    const participants = [...people.values()].map(({ id, name: displayName }) => ({ id, displayName }));
    if (name === "rooms-info") answer({ rooms: [{ isMainRoom: true, participants }] });
    else answer(undefined, `unknown request ${name}`);
    return true;
  });
  return made;
}

function tell(name, data = {}) {
  transport?.sendEvent({ name, ...data });
}

function show(id) {
  for (const one of ["waiting", "prejoin", "refused", "left", "tiles"]) at(one).hidden = one !== id;
  at("bar").hidden = id !== "tiles";
}

function delegated() {
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  return ["camera", "microphone", "display-capture"].filter((feature) => !policy || policy.allowsFeature(feature));
}

async function join() {
  show("waiting");
  let answer;
  try {
    answer = await fetch("/sim/join", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        room, token: wishes.jwt, displayName: wishes.user.displayName ?? (at("name").value.trim() || null), config: wishes.config,
        ignoredConfig: wishes.ignored, delegated: delegated(),
      }),
    });
  } catch {
    return refuse({ type: "CONNECTION", name: "connection.serverError", message: "The server does not answer." });
  }
  const told = await answer.json();
  if (!answer.ok) return refuse(told);
  seat = { key: told.key, id: told.id };
  const me = told.occupants.find((one) => one.id === seat.id);
  body.dataset.joined = "true";
  body.dataset.complaints = told.complaints.join("; ");
  show("tiles");
  tell("video-conference-joined", {
    roomName: room.split("/").pop(), id: seat.id, displayName: me.name, formattedDisplayName: `${me.name} (me)`,
    avatarURL: me.avatar ?? undefined, email: told.email ?? undefined, breakoutRoom: false, visitor: false,
  });
  draw(told.occupants);
  timer = setInterval(poll, 1000);
}

function refuse({ type, name, message }) {
  at("refusal").textContent = message;
  body.dataset.error = name;
  show("refused");
  tell("error-occurred", { error: { name, message, type, isFatal: true } });
}

async function poll() {
  try {
    const answer = await fetch(`/sim/state?key=${encodeURIComponent(seat.key)}`);
    if (!seat) return;
    if (answer.status === 404) return end({ type: "CONNECTION", name: "connection.droppedError", message: "The connection was lost." });
    if (!answer.ok) return;
    const told = await answer.json();
    draw(told.occupants);
    follow(told.class);
  } catch {
    // The next round tries again.
  }
}

function draw(occupants) {
  if (!seat) return;
  const before = people;
  people = new Map(occupants.map((one) => [one.id, one]));
  for (const one of occupants) {
    const old = before.get(one.id);
    if (!old && one.id !== seat.id) tell("participant-joined", { id: one.id, displayName: one.name, formattedDisplayName: one.name });
    const role = one.moderator ? "moderator" : "participant";
    if (!old || old.moderator !== one.moderator) tell("participant-role-changed", { id: one.id, role });
  }
  for (const id of before.keys()) if (!people.has(id)) tell("participant-left", { id });
  if (JSON.stringify([...before.values()]) === JSON.stringify(occupants)) return;
  at("count").textContent = occupants.length;
  at("tiles").replaceChildren(...occupants.map(tile));
  const me = people.get(seat.id);
  body.dataset.role = me?.moderator ? "moderator" : "participant";
  at("features").replaceChildren(...Object.entries(SHOWN_FEATURES).map(([name, label]) => {
    const item = document.createElement("li");
    item.textContent = label;
    item.dataset.feature = name;
    item.dataset.on = String(me?.features[name] === true);
    return item;
  }));
}

const GATHERING = "Twelve students are on their way.";
const RUNNING = "Time flies: these minutes count for you and everybody else in a class, too.";
const OVER = "The class is over. Grades appear in the gradebook as the tool sends them.";

async function simulate() {
  at("simulate").disabled = true;
  try {
    const answer = await fetch("/sim/class", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ key: seat.key }),
    });
    const told = await answer.json();
    follow(answer.ok ? told.class : { phase: "failed", reason: told.message });
  } catch {
    follow({ phase: "failed", reason: "The server does not answer." });
  }
}

// Shows how far the simulated class is; the sentence changes only with the phase, so that it is read out once.
function follow(progress) {
  if (!progress || !at("class")) return;
  const { phase, minute, minutes, gradebook, reason } = progress;
  const note = { gathering: GATHERING, running: RUNNING, over: OVER }[phase] ?? reason;
  if (at("class-note").textContent !== note) at("class-note").textContent = note;
  at("class").hidden = false;
  at("class").dataset.phase = phase;
  at("class-progress").hidden = phase !== "running";
  at("class-gradebook").hidden = phase !== "over";
  if (gradebook) at("class-gradebook").href = gradebook;
  if (phase === "running") {
    Object.assign(at("class-bar"), { max: minutes, value: minute });
    at("class-minute").textContent = `Minute ${minute} of ${minutes}`;
  }
  at("simulate").disabled = phase === "gathering" || phase === "running";
}

function tile(one) {
  const made = at("tile").content.cloneNode(true).firstElementChild;
  made.dataset.occupant = one.id;
  made.dataset.moderator = String(one.moderator);
  made.dataset.self = String(one.id === seat.id);
  made.querySelector(".who").textContent = one.name;
  made.querySelector(".you").hidden = one.id !== seat.id;
  made.querySelector(".chip").hidden = !one.moderator;
  const face = made.querySelector(".face");
  face.textContent = one.initials;
  if (one.avatar) {
    const picture = new Image();
    picture.alt = "";
    picture.referrerPolicy = "no-referrer";
    picture.onload = () => face.replaceChildren(picture);
    picture.src = one.avatar;
  }
  return made;
}

function vacate() {
  if (!seat) return false;
  clearInterval(timer);
  navigator.sendBeacon("/sim/leave", JSON.stringify({ key: seat.key }));
  seat = null;
  body.dataset.joined = "false";
  body.dataset.role = "none";
  return true;
}

function hangUp() {
  const was = vacate();
  show("left");
  if (was) tell("video-conference-left", { roomName: room.split("/").pop() });
  tell("video-ready-to-close");
}

function end(error) {
  if (vacate()) tell("video-conference-left", { roomName: room.split("/").pop() });
  refuse(error);
}

// A reload in the frame: the page around hears of the leave, then of the next join.
addEventListener("pagehide", () => { if (vacate()) tell("video-conference-left", { roomName: room.split("/").pop() }); });
at("leave").addEventListener("click", hangUp);
at("join").addEventListener("click", join);
at("simulate")?.addEventListener("click", simulate);

body.dataset.ignoredConfig = wishes.ignored.join(" ");
body.dataset.config = JSON.stringify(wishes.config);
body.dataset.delegated = delegated().join(" ");
if (wishes.config.subject) at("subject").textContent = wishes.config.subject;
tell("ready");
if (wishes.config.prejoinConfig?.enabled === false) {
  join();
} else {
  at("name").value = wishes.user.displayName ?? "";
  show("prejoin");
  tell("prejoin-screen-loaded");
}
