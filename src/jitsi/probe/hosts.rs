//! The XMPP names that a server's `config.js` tells browsers.

/// Where browsers log in, open rooms and enter them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// The XMPP domain.
    pub domain: String,
    /// Whether `config.js` says so; otherwise it's the host name.
    pub is_told: bool,
    /// Where rooms are.
    pub muc: String,
    /// Who opens them.
    pub focus: String,
    /// The domain of people without a token, where there is one of its own.
    pub guests: Option<String>,
}

impl Hosts {
    /// Reads them from `config.js`, with Jitsi's own defaults for what it leaves out.
    pub fn read(config: &str, host: &str) -> Self {
        let config = without_comments(config);
        let told = value_in(&config, "domain");
        let is_told = told.is_some();
        let domain = told.unwrap_or_else(|| host.to_owned());
        let muc = value_in(&config, "muc").unwrap_or_else(|| format!("conference.{domain}"));
        let focus = value_in(&config, "focus").unwrap_or_else(|| format!("focus.{domain}"));
        Self { domain, is_told, muc, focus, guests: value_in(&config, "anonymousdomain") }
    }

    /// Returns the subject that Prosody's token check compares with: the rooms' domain without its first label.
    pub fn subject(&self) -> &str {
        self.muc.split_once('.').map_or(self.domain.as_str(), |(_, domain)| domain)
    }
}

/// JavaScript's comments left out: a server's file keeps most of its values in them.
fn without_comments(config: &str) -> String {
    let mut text = String::with_capacity(config.len());
    for line in config.lines() {
        let begins =
            |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
        let end = line.match_indices("//").find(begins).map_or(line.len(), |(at, _)| at);
        text.push_str(&line[..end]);
        text.push('\n');
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain + rest
}

/// The value of one of the `hosts` in a `config.js`, which is JavaScript, not JSON: its texts are put together, and
/// variables, which name tenants, are left out.
fn value_in(config: &str, name: &str) -> Option<String> {
    let (_, hosts) = config.split_once("hosts")?;
    let is_name = |(at, _): &(usize, &str)| {
        let before = hosts[..*at].chars().next_back().unwrap_or(' ');
        let after = hosts[at + name.len()..].trim_start_matches(['\'', '"']).trim_start();
        !before.is_alphanumeric() && (after.starts_with(':') || after.starts_with('='))
    };
    let (at, _) = hosts.match_indices(name).find(is_name)?;
    let value = hosts[at + name.len()..].trim_start_matches(['\'', '"']).trim_start().get(1..)?;
    let value = value.split([',', ';', '\n', '}']).next()?;
    let quoted = value.split(['\'', '"']).skip(1).step_by(2);
    let text: String = quoted.collect();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    (!text.is_empty() && text.chars().all(is_plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_from_javascript() {
        for (config, domain, muc, focus) in [
            (
                "var config = { hosts: {\n  // domain of the tenant\n  domain: 'meet.example.org',\n  // anonymousdomain: 'guest.meet.example.org',\n  // focus: 'focus.other.example',\n  muc: 'conference.' + subdomain + 'meet.example.org',\n }, bosh: '//meet.example.org/http-bind' }",
                "meet.example.org",
                "conference.meet.example.org",
                "focus.meet.example.org",
            ),
            (
                "config.hosts = {};\nconfig.hosts.domain = 'meet.jitsi';\nconfig.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';",
                "meet.jitsi",
                "muc.meet.jitsi",
                "focus.meet.jitsi",
            ),
            (
                "var config = { hosts: { anonymousdomain: 'guest.a', /* domain: 'x.y', */ \"domain\": \"a.b\", focus: 'jicofo.a.b' } }",
                "a.b",
                "conference.a.b",
                "jicofo.a.b",
            ),
            ("nothing", "host.example", "conference.host.example", "focus.host.example"),
        ] {
            let hosts = Hosts::read(config, "host.example");
            assert_eq!(
                (hosts.domain.as_str(), hosts.muc.as_str(), hosts.focus.as_str()),
                (domain, muc, focus)
            );
            assert_eq!(hosts.is_told, config != "nothing");
            assert_eq!(hosts.guests.is_some(), config.contains("{ anonymousdomain"));
            assert_eq!(hosts.subject(), domain);
        }
    }
}
