//! What a simulated server does otherwise than a well-made one: each a fault of real installations.

/// How a server with tokens behaves; by default as it should, and as strictly as any real one.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Whether rooms are checked against the token (`token_verification`); otherwise any token opens any room.
    pub checks_rooms: bool,
    /// Whether people without a token get in (`allow_empty_token`).
    pub takes_empty_tokens: bool,
    /// Whether everybody with a token is made a moderator (`muc_allowners`, `muc_wait_for_host`).
    pub everyone_moderates: bool,
    /// Whether learners are kept out until a teacher is there (`token_owner_party`).
    pub learners_wait: bool,
    /// Who has to knock.
    pub lobby: Lobby,
    /// What jicofo does.
    pub focus: Focus,
    /// Whether Prosody could load the module that reads tokens.
    pub module_loads: bool,
    /// The XMPP domain that `config.js` tells, where it isn't the server's.
    pub told_domain: Option<String>,
    /// The first label of the rooms' domain: `conference` of Debian's packages, `muc` of docker.
    pub rooms_prefix: &'static str,
    /// A header of the meeting page that keeps it out of frames.
    pub frame_header: Option<(&'static str, &'static str)>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            checks_rooms: true,
            takes_empty_tokens: false,
            everyone_moderates: false,
            learners_wait: false,
            lobby: Lobby::Nobody,
            focus: Focus::Ready,
            module_loads: true,
            told_domain: None,
            rooms_prefix: "conference",
            frame_header: None,
        }
    }
}

/// Who has to knock before they come into a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lobby {
    /// Nobody.
    Nobody,
    /// Everybody without `lobby_bypass` (`token_lobby_bypass` is loaded).
    Learners,
    /// Everybody.
    Everybody,
}

/// What jicofo does when it's asked for a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// It opens the room.
    Ready,
    /// It does so at the second time of asking.
    ReadyLater,
    /// It doesn't run.
    Down,
    /// It runs and doesn't answer.
    Silent,
    /// It wants a login of its own (`authentication`).
    WantsLogin,
}
