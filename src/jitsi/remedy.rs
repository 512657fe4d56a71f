//! Lines to paste on a Jitsi server, for what a test of it found.

/// Lines for the two usual ways of running Jitsi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Debian's packages: the file, and what has to stand in it.
    pub debian: &'static str,
    /// docker-jitsi-meet: lines of `.env`.
    pub docker: &'static str,
}

/// The lines for a finding's code, where lines help.
pub fn remedy(code: &str) -> Option<Remedy> {
    let (debian, docker) = match code {
        "no-token-accepted" | "wrong-token-accepted" => (
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
        "right-token-refused" => (
            "# /etc/prosody/conf.avail/HOST.cfg.lua, in VirtualHost \"HOST\": the same values as here\n\
             app_id = \"YOUR_APP_ID\"\n\
             app_secret = \"YOUR_APP_SECRET\"\n\
             asap_accepted_audiences = { \"jitsi\" }\n\
             # then: systemctl restart prosody",
            "JWT_APP_ID=YOUR_APP_ID\nJWT_APP_SECRET=YOUR_APP_SECRET\nJWT_ACCEPTED_ISSUERS=YOUR_APP_ID\nJWT_ACCEPTED_AUDIENCES=jitsi",
        ),
        "first-is-moderator" => (
            "hocon -f /etc/jitsi/jicofo/jicofo.conf set jicofo.conference.enable-auto-owner false\n\
             systemctl restart jicofo",
            "ENABLE_AUTO_OWNER=false",
        ),
        "role-ignored" => (
            "# /etc/prosody/conf.avail/HOST.cfg.lua, in Component \"conference.HOST\" \"muc\"\n\
             modules_enabled = { \"token_verification\"; \"token_affiliation\"; -- keep the others }\n\
             # then: systemctl restart prosody",
            "XMPP_MUC_MODULES=token_affiliation",
        ),
        _ => return None,
    };
    Some(Remedy { debian, docker })
}
