//! What checks of a Jitsi server find.

use crate::codes::codes;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerVerdict {
    /// As it should be.
    Good,
    /// It works, with a consequence that the operator should know.
    Notice,
    /// It does not work.
    Bad,
}

impl ServerVerdict {
    /// Its word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Bad => "bad",
        }
    }
}

codes! {
    /// What a check found, in a word: its texts are `server-finding-CODE` and, where something is to be done,
    /// `server-finding-CODE-fix`.
    pub enum FindingCode {
        Script = "script",
        Clock = "clock",
        RightToken = "right-token",
        WrongToken = "wrong-token",
        NoToken = "no-token",
        Roles = "roles",
        JaasNoLogin = "jaas-no-login",
        WrongTokenUnclear = "wrong-token-unclear",
        Open = "open",
        NoTokenUnclear = "no-token-unclear",
        RolesUnclear = "roles-unclear",
        Unreachable = "unreachable",
        ScriptForeign = "script-foreign",
        ScriptMissing = "script-missing",
        ClockOff = "clock-off",
        RightTokenRefused = "right-token-refused",
        LoginImpossible = "login-impossible",
        WrongTokenAccepted = "wrong-token-accepted",
        NoTokenAccepted = "no-token-accepted",
        TokenNeeded = "token-needed",
        FirstIsModerator = "first-is-moderator",
        RoleIgnored = "role-ignored",
        JoinRefused = "join-refused",
        RoomNotOpened = "room-not-opened",
        NoSignature = "no-signature",
    }
}

impl FindingCode {
    /// Returns how bad it is.
    pub fn verdict(self) -> ServerVerdict {
        match self {
            Self::Script
            | Self::Clock
            | Self::RightToken
            | Self::WrongToken
            | Self::NoToken
            | Self::Roles => ServerVerdict::Good,
            Self::JaasNoLogin
            | Self::WrongTokenUnclear
            | Self::Open
            | Self::NoTokenUnclear
            | Self::RolesUnclear => ServerVerdict::Notice,
            Self::Unreachable
            | Self::ScriptForeign
            | Self::ScriptMissing
            | Self::ClockOff
            | Self::RightTokenRefused
            | Self::LoginImpossible
            | Self::WrongTokenAccepted
            | Self::NoTokenAccepted
            | Self::TokenNeeded
            | Self::FirstIsModerator
            | Self::RoleIgnored
            | Self::JoinRefused
            | Self::RoomNotOpened
            | Self::NoSignature => ServerVerdict::Bad,
        }
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFinding {
    /// In a word.
    pub code: FindingCode,
    /// What was seen, in the words of the other side.
    pub detail: String,
}

impl ServerFinding {
    /// A finding, with what was seen.
    pub fn new(code: FindingCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
