//! What the meeting page's frame loads: a room's page and `config.js`; and the server's clock.

use url::Url;

use super::ServerProbe;
use super::finding::{Finding, Verdict};
use crate::jitsi::server_kind::ServerKind;
use crate::outbound::{Answer, Cause, OutboundError, Request};

const MAX_FILE: usize = 4 * 1024 * 1024;
/// Nobody sets clocks nearer than this.
const CLOCK_TOLERANCE_SECS: i64 = 30;
/// Room tokens are back-dated by a minute: a server whose clock is later than that refuses each.
const MIN_AHEAD_SECS: i64 = -55;
/// Room tokens live for hours; a clock that is this far ahead shortens them noticeably.
const MAX_AHEAD_SECS: i64 = 300;

impl ServerProbe<'_> {
    /// Whether a room's page is Jitsi Meet's and may be shown in our frame, and whether the server's clock agrees.
    ///
    /// Errors: nothing answers at the server's address.
    pub(super) async fn page(&self, room: &str) -> Result<Vec<Finding>, Finding> {
        let path = match self.kind {
            ServerKind::Jaas { app_id, .. } => format!("{app_id}/{room}"),
            ServerKind::Public | ServerKind::SelfHosted(_) => room.to_owned(),
        };
        let answer = self.file(&path).await.map_err(|error| unreachable(&error))?;
        let mut findings = vec![self.judge_page(&path, &answer)];
        findings.extend(answer.date_secs().map(|date| clock(date - self.now.secs())));
        Ok(findings)
    }

    fn judge_page(&self, path: &str, answer: &Answer) -> Finding {
        if let (300..=399, Some(place)) = (answer.status, answer.header("location")) {
            return Finding::bad("script-missing", format!("/{path}: HTTP {} → {place}", answer.status));
        }
        if answer.status != 200 {
            return Finding::bad("script-missing", format!("/{path}: HTTP {}", answer.status));
        }
        let text = answer.text();
        if !["lib-jitsi-meet", "app.bundle"].iter().any(|script| text.contains(script)) {
            return Finding::bad("script-foreign", format!("/{path}"));
        }
        match refuses_frames(answer, self.tool) {
            Some(policy) => Finding::bad("frame-refused", policy),
            None => Finding::good("script"),
        }
    }

    /// The server's `config.js`; empty where there is none.
    pub(super) async fn config(&self) -> Result<String, Finding> {
        match self.file("config.js").await {
            Ok(answer) if answer.status == 200 => Ok(answer.text().into_owned()),
            Ok(answer) => Err(Finding::bad("config-missing", format!("/config.js: HTTP {}", answer.status))),
            Err(error) => Err(unreachable(&error)),
        }
    }

    async fn file(&self, path: &str) -> Result<Answer, OutboundError> {
        let url = self.origin.join(path).unwrap_or_else(|_: url::ParseError| self.origin.clone());
        self.outbound.ask(&Request::get(&url), self.reach, MAX_FILE).await
    }
}

fn clock(ahead: i64) -> Finding {
    let detail = format!("{ahead:+} s");
    match ahead {
        _ if ahead.abs() <= CLOCK_TOLERANCE_SECS => Finding::good("clock"),
        MIN_AHEAD_SECS..=MAX_AHEAD_SECS => Finding::notice("clock-drifts", detail),
        _ => Finding::bad("clock-off", detail),
    }
}

/// The policy that keeps the page out of a frame on `tool`, if one does.
///
/// Spec: CSP Level 3 §6.4.2: where `frame-ancestors` is given, `X-Frame-Options` doesn't count.
fn refuses_frames(answer: &Answer, tool: &Url) -> Option<String> {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let directive = policy.split(';').map(str::trim).find(|part| part.starts_with("frame-ancestors"));
    if let Some(directive) = directive {
        let allows = directive.split_whitespace().skip(1).any(|source| allows(source, tool));
        return (!allows).then(|| directive.to_owned());
    }
    let option = answer.header("x-frame-options")?.trim();
    Some(format!("X-Frame-Options: {option}"))
}

fn allows(source: &str, tool: &Url) -> bool {
    let (scheme, host) = source.split_once("://").unwrap_or((tool.scheme(), source));
    if source == "*" || source == format!("{}:", tool.scheme()) {
        return true;
    }
    let own = tool.host_str().unwrap_or_default();
    let own_place = tool.port().map_or_else(|| own.to_owned(), |port| format!("{own}:{port}"));
    let host = host.trim_end_matches('/');
    let fits = match host.strip_prefix("*.") {
        Some(domain) => own_place.strip_suffix(domain).is_some_and(|before| before.ends_with('.')),
        None => host == own_place,
    };
    scheme == tool.scheme() && fits
}

/// What there is to do where nothing answers.
pub(super) fn unreachable(error: &OutboundError) -> Finding {
    let code = match error {
        OutboundError::Unreachable { cause, .. } => match cause {
            Cause::NameUnknown => "name-unknown",
            Cause::ConnectionRefused => "connection-refused",
            Cause::CertificateExpired | Cause::CertificateNotYetValid => "certificate-expired",
            Cause::CertificateForAnotherName => "certificate-name",
            Cause::CertificateIssuerUnknown => "certificate-issuer",
            Cause::TimedOut | Cause::ConnectionClosed | Cause::NotSecure | Cause::Other(_) => "unreachable",
        },
        OutboundError::NotHttps(_) | OutboundError::PrivateAddress(_) | OutboundError::TooLarge { .. } => {
            "unreachable"
        }
    };
    Finding::new(Verdict::Bad, code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_judged_by_what_they_do_to_tokens() {
        for (ahead, code, verdict) in [
            (0, "clock", Verdict::Good),
            (-30, "clock", Verdict::Good),
            (30, "clock", Verdict::Good),
            (-45, "clock-drifts", Verdict::Notice),
            (200, "clock-drifts", Verdict::Notice),
            (-56, "clock-off", Verdict::Bad),
            (301, "clock-off", Verdict::Bad),
        ] {
            let finding = clock(ahead);
            assert_eq!((finding.code, finding.verdict), (code, verdict), "{ahead}");
        }
    }

    #[test]
    fn a_page_says_who_may_frame_it() {
        let tool: Url = "https://class.example.org:8443".parse().unwrap();
        for (source, expected) in [
            ("*", true),
            ("https:", true),
            ("http:", false),
            ("'self'", false),
            ("'none'", false),
            ("https://class.example.org:8443", true),
            ("class.example.org:8443", true),
            ("https://class.example.org", false),
            ("https://*.example.org:8443", true),
            ("https://*.other.org", false),
            ("http://class.example.org:8443", false),
        ] {
            assert_eq!(allows(source, &tool), expected, "{source}");
        }
    }
}
