// What an error of Jitsi's means for somebody in a class. A pure table: no page, no messages.
//
// Names are lib-jitsi-meet's, of 2023 to 2026. The answers:
// {then: 'renew'}: the room token does not count, or not any more
// {then: 'wait', reason}: Jitsi itself asks or waits
// {then: 'left', why}: the class is over for this person
// {then: 'card', card}: the class cannot go on; the card says why
// {then: 'lost', card}: Jitsi's page mends it, or loads itself again within half a minute; if it does not, the card
// {then: 'nothing'}: the class goes on
const WAITS = {
  'conference.connectionError.membersOnly': 'lobby',
  'conference.authenticationRequired': 'host',
  'conference.passwordRequired': 'password',
};
const CARDS = {
  'conference.max_users': 'room-full',
  'conference.connectionError.accessDenied': 'entry-denied',
  'conference.connectionError.notAllowed': 'entry-denied',
  'conference.reservationError': 'not-reserved',
  'conference.gracefulShutdown': 'server-closing',
  'conference.incompatible_server_versions': 'server-trouble',
  'connection.notLiveError': 'not-live',
  'connection.conferenceRequestFailed': 'server-trouble',
};
// What breaks a class that goes on, and keeps one from beginning.
const BREAKS = {
  'conference.connectionError': ['server-trouble', 'connection-lost'],
  'conference.focusDisconnected': ['server-trouble', 'server-trouble'],
  'conference.focusLeft': ['server-trouble', 'server-trouble'],
  'conference.videobridgeNotAvailable': ['server-trouble', 'server-trouble'],
  'conference.iceFailed': ['media-blocked', 'media-blocked'],
  'conference.offerAnswerFailed': ['media-blocked', 'media-blocked'],
  'conference.restarted': ['connection-lost', 'connection-lost'],
  'connection.droppedError': ['connection-lost', 'connection-lost'],
  'connection.otherError': ['server-trouble', 'connection-lost'],
  'connection.serverError': ['server-trouble', 'connection-lost'],
  'connection.shardChangedError': ['connection-lost', 'connection-lost'],
};
const HARMLESS = ['conference.chatError', 'conference.settingsError', 'conference.passwordNotSupported'];

// `isInClass`: the person was in the conference already.
export function meaningOf({ name, type, isFatal }, isInClass) {
  if (name === 'connection.passwordRequired') return { then: 'renew' };
  if (name === 'conference.destroyed') return { then: 'left', why: 'ended' };
  if (Object.hasOwn(WAITS, name)) return { then: 'wait', reason: WAITS[name] };
  if (Object.hasOwn(CARDS, name)) return { then: 'card', card: CARDS[name] };
  if (Object.hasOwn(BREAKS, name)) {
    const [before, during] = BREAKS[name];
    return isInClass ? { then: 'lost', card: during } : { then: 'card', card: before };
  }
  if (HARMLESS.includes(name)) return { then: 'nothing' };
  if (type === 'CONFIG') return { then: 'card', card: 'server-settings' };
  if (!isFatal) return { then: 'nothing' };
  return isInClass ? { then: 'lost', card: 'connection-lost' } : { then: 'card', card: 'server-trouble' };
}
