//! Lines to paste on a Jitsi server, for what a test of it found.

use super::finding::FindingCode;

/// Lines for the two usual ways of running Jitsi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Debian's packages: the file, and what has to stand in it.
    pub debian: &'static str,
    /// docker-jitsi-meet: lines of `.env`.
    pub docker: &'static str,
}

/// Returns the lines for a finding, where lines help.
pub fn remedy(code: FindingCode) -> Option<Remedy> {
    let (debian, docker) = match code {
        FindingCode::NoTokenAccepted | FindingCode::WrongTokenAccepted => (
            "# /etc/prosody/conf.avail/HOST.cfg.lua, in VirtualHost \"HOST\"\n\
             authentication = \"token\"\n\
             app_id = \"YOUR_APP_ID\"\n\
             app_secret = \"YOUR_APP_SECRET\"\n\
             allow_empty_token = false\n\
             # in Component \"conference.HOST\" \"muc\"\n\
             modules_enabled = { \"token_verification\"; -- keep the others }\n\
             # then: systemctl restart prosody",
            "ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID=YOUR_APP_ID\nJWT_APP_SECRET=YOUR_APP_SECRET\nJWT_ALLOW_EMPTY=0\nENABLE_GUESTS=0",
        ),
        FindingCode::RightTokenRefused => (
            "# /etc/prosody/conf.avail/HOST.cfg.lua, in VirtualHost \"HOST\": the same values as here\n\
             app_id = \"YOUR_APP_ID\"\n\
             app_secret = \"YOUR_APP_SECRET\"\n\
             asap_accepted_audiences = { \"jitsi\" }\n\
             # then: systemctl restart prosody",
            "JWT_APP_ID=YOUR_APP_ID\nJWT_APP_SECRET=YOUR_APP_SECRET\nJWT_ACCEPTED_ISSUERS=YOUR_APP_ID\nJWT_ACCEPTED_AUDIENCES=jitsi",
        ),
        FindingCode::FirstIsModerator => (
            "hocon -f /etc/jitsi/jicofo/jicofo.conf set jicofo.conference.enable-auto-owner false\n\
             systemctl restart jicofo",
            "ENABLE_AUTO_OWNER=false",
        ),
        FindingCode::RoleIgnored => (
            "# /etc/prosody/conf.avail/HOST.cfg.lua, in Component \"conference.HOST\" \"muc\"\n\
             modules_enabled = { \"token_verification\"; \"token_affiliation\"; -- keep the others }\n\
             # then: systemctl restart prosody",
            "XMPP_MUC_MODULES=token_affiliation",
        ),
        FindingCode::Unreachable
        | FindingCode::Script
        | FindingCode::ScriptForeign
        | FindingCode::ScriptMissing
        | FindingCode::Clock
        | FindingCode::ClockOff
        | FindingCode::JaasNoLogin
        | FindingCode::RightToken
        | FindingCode::LoginImpossible
        | FindingCode::WrongToken
        | FindingCode::WrongTokenUnclear
        | FindingCode::NoToken
        | FindingCode::Open
        | FindingCode::TokenNeeded
        | FindingCode::NoTokenUnclear
        | FindingCode::RolesUnclear
        | FindingCode::Roles
        | FindingCode::JoinRefused
        | FindingCode::RoomNotOpened
        | FindingCode::NoSignature => return None,
    };
    Some(Remedy { debian, docker })
}
