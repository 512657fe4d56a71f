// A Jitsi server offers this script to pages that embed it. The tool speaks with the frame itself and does without it.
window.JitsiMeetExternalAPI = class JitsiMeetExternalAPI {};
