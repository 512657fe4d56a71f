//! Lines to paste on a Jitsi server, for what a test of it found, with the values that belong there.

/// Lines for the two usual ways of running Jitsi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Debian's packages: the file, and what has to stand in it.
    pub debian: String,
    /// docker-jitsi-meet: lines of `.env`.
    pub docker: String,
}

/// The values that lines need. The secret is never among them.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The server's `app_id`.
    pub app_id: String,
    /// An accepted audience.
    pub audience: String,
    /// The server's XMPP domain.
    pub domain: String,
    /// Where its rooms are.
    pub muc: String,
    /// Where it finds our public keys by name (`asap_key_server`).
    pub key_server: String,
    /// Where it finds them as a set (`cache_keys_url`).
    pub key_set: String,
    /// Whether it fetches our public key.
    pub fetches_key: bool,
    /// Our own origin.
    pub tool: String,
}

/// Returns the lines for a finding's code, where lines help.
pub fn remedy(code: &str, values: &Values) -> Option<Remedy> {
    let (debian, docker) = lines(code, values.fetches_key)?;
    Some(Remedy { debian: filled(debian, values), docker: filled(docker, values) })
}

fn filled(lines: &str, values: &Values) -> String {
    let Values { app_id, audience, domain, muc, key_server, key_set, tool, .. } = values;
    [
        ("{APP_ID}", app_id),
        ("{AUDIENCE}", audience),
        ("{DOMAIN}", domain),
        ("{MUC}", muc),
        ("{KEY_SERVER}", key_server),
        ("{KEY_SET}", key_set),
        ("{TOOL}", tool),
    ]
    .into_iter()
    .fold(lines.to_owned(), |text, (name, value)| text.replace(name, value))
}

const TOKENS_WITH_SECRET: (&str, &str) = (
    "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in VirtualHost \"{DOMAIN}\"\n\
     authentication = \"token\"\n\
     app_id = \"{APP_ID}\"\n\
     app_secret = \"YOUR_APP_SECRET\"\n\
     allow_empty_token = false\n\
     # in Component \"{MUC}\" \"muc\"\n\
     modules_enabled = { \"token_verification\"; -- keep the others }\n\
     # then: systemctl restart prosody",
    "ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID={APP_ID}\nJWT_APP_SECRET=YOUR_APP_SECRET\nJWT_ALLOW_EMPTY=0\nENABLE_GUESTS=0",
);

const TOKENS_WITH_KEY: (&str, &str) = (
    "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in VirtualHost \"{DOMAIN}\"\n\
     authentication = \"token\"\n\
     app_id = \"{APP_ID}\"\n\
     asap_key_server = \"{KEY_SERVER}\"\n\
     -- no app_secret; instead of asap_key_server also: cache_keys_url = \"{KEY_SET}\"\n\
     allow_empty_token = false\n\
     # in Component \"{MUC}\" \"muc\"\n\
     modules_enabled = { \"token_verification\"; -- keep the others }\n\
     # then: systemctl restart prosody",
    "ENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID={APP_ID}\nJWT_ASAP_KEYSERVER={KEY_SERVER}\nJWT_APP_SECRET=\nJWT_ALLOW_EMPTY=0\nENABLE_GUESTS=0",
);

fn lines(code: &str, fetches_key: bool) -> Option<(&'static str, &'static str)> {
    let tokens = if fetches_key { TOKENS_WITH_KEY } else { TOKENS_WITH_SECRET };
    Some(match code {
        "no-token-accepted"
        | "wrong-token-accepted"
        | "algorithm-refused"
        | "key-not-fetched"
        | "login-silent"
        | "login-not-offered" => tokens,
        "issuer-refused" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in VirtualHost \"{DOMAIN}\"\n\
             asap_accepted_issuers = { \"{APP_ID}\" }\n\
             # then: systemctl restart prosody",
            "JWT_ACCEPTED_ISSUERS={APP_ID}",
        ),
        "audience-refused" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in VirtualHost \"{DOMAIN}\"\n\
             asap_accepted_audiences = { \"{AUDIENCE}\" }\n\
             # then: systemctl restart prosody",
            "JWT_ACCEPTED_AUDIENCES={AUDIENCE}",
        ),
        "signature-refused" if !fetches_key => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in VirtualHost \"{DOMAIN}\"\n\
             app_secret = \"YOUR_APP_SECRET\"\n\
             # then: systemctl restart prosody",
            "JWT_APP_SECRET=YOUR_APP_SECRET",
        ),
        "any-room" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in Component \"{MUC}\" \"muc\"\n\
             modules_enabled = { \"token_verification\"; -- keep the others }\n\
             # then: systemctl restart prosody",
            "JWT_TOKEN_AUTH_MODULE=token_verification",
        ),
        "first-is-moderator" => (
            "hocon -f /etc/jitsi/jicofo/jicofo.conf set jicofo.conference.enable-auto-owner false\n\
             systemctl restart jicofo",
            "ENABLE_AUTO_OWNER=false",
        ),
        "everyone-moderates" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in Component \"{MUC}\" \"muc\"\n\
             # remove \"muc_allowners\" from modules_enabled; where \"muc_wait_for_host\" is loaded, add\n\
             wait_for_host_disable_auto_owners = true\n\
             # then: systemctl restart prosody",
            "# remove muc_allowners from XMPP_MUC_MODULES; where muc_wait_for_host is loaded, add\nWAIT_FOR_HOST_DISABLE_AUTO_OWNERS=true",
        ),
        "role-ignored" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in Component \"{MUC}\" \"muc\"\n\
             modules_enabled = { \"token_verification\"; \"token_affiliation\"; -- keep the others }\n\
             # then: systemctl restart prosody",
            "XMPP_MUC_MODULES=token_affiliation",
        ),
        "learners-wait" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in Component \"{MUC}\" \"muc\"\n\
             # remove \"token_owner_party\" from modules_enabled\n\
             # then: systemctl restart prosody",
            "# remove token_owner_party from XMPP_MUC_MODULES",
        ),
        "lobby-stops-teachers" => (
            "# /etc/prosody/conf.avail/{DOMAIN}.cfg.lua, in Component \"{MUC}\" \"muc\"\n\
             modules_enabled = { \"token_lobby_bypass\"; -- keep the others }\n\
             # then: systemctl restart prosody",
            "XMPP_MUC_MODULES=token_affiliation,token_lobby_bypass",
        ),
        "jicofo-down" => (
            "systemctl status jicofo\n\
             journalctl -u jicofo; less /var/log/jitsi/jicofo.log\n\
             systemctl restart prosody jicofo jitsi-videobridge2",
            "docker compose logs jicofo\ndocker compose restart prosody jicofo jvb",
        ),
        "jicofo-login" => (
            "hocon -f /etc/jitsi/jicofo/jicofo.conf set jicofo.authentication.enabled false\n\
             systemctl restart jicofo",
            "JICOFO_ENABLE_AUTH=0",
        ),
        "frame-refused" => (
            "# in the web server of Jitsi: remove X-Frame-Options, or name the sites that may show the meeting\n\
             add_header Content-Security-Policy \"frame-ancestors {TOOL} https://YOUR_LMS\" always;",
            "# in a custom file of the web container's nginx\n\
             add_header Content-Security-Policy \"frame-ancestors {TOOL} https://YOUR_LMS\" always;",
        ),
        "clock-behind" | "clock-ahead" | "clock-off" => (
            "timedatectl set-ntp true\ntimedatectl",
            "# on the machine that runs docker\ntimedatectl set-ntp true",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_carry_the_values_that_belong_there() {
        let values = Values {
            app_id: "campus".into(),
            audience: "jitsi".into(),
            domain: "meet.example.org".into(),
            muc: "conference.meet.example.org".into(),
            key_server: "https://class.example/jitsi/keys".into(),
            key_set: "https://class.example/jitsi/jwks".into(),
            fetches_key: true,
            tool: "https://class.example".into(),
        };
        let lines = remedy("key-not-fetched", &values).unwrap();
        assert!(lines.debian.contains("asap_key_server = \"https://class.example/jitsi/keys\""));
        assert!(lines.docker.contains("JWT_ASAP_KEYSERVER=https://class.example/jitsi/keys"));
        assert!(!lines.debian.contains('{') || lines.debian.contains("modules_enabled = {"));
        let secret = remedy("no-token-accepted", &Values { fetches_key: false, ..values }).unwrap();
        assert!(secret.debian.contains("app_id = \"campus\"") && secret.debian.contains("YOUR_APP_SECRET"));
    }
}
