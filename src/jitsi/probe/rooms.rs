//! Who gets into a room, and who moderates there: what a class would meet.

use super::bosh::{FocusAnswer, JoinAnswer, Role, Session, SessionError, StanzaError};
use super::finding::{Finding, Verdict};
use super::hosts::Hosts;
use super::logins::words_of;
use super::{ProbeTokens, ServerProbe};

/// How often somebody listens for their role, about a second each time: jicofo gives it some time after the join.
const LISTENINGS: usize = 3;

/// What became of two people who came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// The learner who came first; `None` where learners have to wait.
    first: Option<Role>,
    /// The teacher.
    teacher: Role,
    /// A learner who came when both were there, where the first one moderates.
    late: Option<Role>,
}

impl ServerProbe<'_> {
    /// Opens a room as the web client does, and lets a learner and a teacher come in.
    pub(super) async fn rooms(&self, hosts: &Hosts, tokens: &ProbeTokens) -> Vec<Finding> {
        match self.try_rooms(hosts, tokens).await {
            Ok(findings) => findings,
            Err(SessionError::NoAnswer) => vec![Finding::bad("room-silent", "")],
            Err(error) => vec![Finding::bad("roles-unclear", words_of(&error))],
        }
    }

    async fn try_rooms(&self, hosts: &Hosts, tokens: &ProbeTokens) -> Result<Vec<Finding>, SessionError> {
        let room_jid = format!("{}@{}", tokens.room, hosts.muc);
        let mut learner = self.enter(hosts, &tokens.room, tokens.learner.as_deref()).await?;
        if let Some(finding) = closed(&learner.ask_focus(&hosts.focus, &room_jid).await?) {
            learner.end().await;
            return Ok(vec![finding]);
        }
        let mut findings = Vec::new();
        let came = learner.join(&room_jid).await?;
        let waits = match &came {
            JoinAnswer::In(_) => None,
            JoinAnswer::Silent => return Ok(vec![Finding::bad("room-silent", "")]),
            JoinAnswer::Refused(error) => match self.kept_out(error, hosts) {
                waits @ ("learners-wait" | "lobby") => {
                    Some(Finding::new(Verdict::Notice, waits, error.to_string()))
                }
                code => {
                    let value = hosts.subject().to_owned();
                    return Ok(vec![Finding::new(Verdict::Bad, code, error.to_string()).with_value(value)]);
                }
            },
        };
        let Some(teacher_token) = tokens.teacher.as_deref() else {
            learner.end().await;
            return Ok(vec![Finding::good("room")]);
        };
        let is_waiting = waits.is_some();
        findings.extend(waits);
        let mut teacher = self.enter(hosts, &tokens.room, Some(teacher_token)).await?;
        match teacher.join(&room_jid).await? {
            JoinAnswer::In(_) => {}
            JoinAnswer::Silent => findings.push(Finding::bad("room-silent", "")),
            JoinAnswer::Refused(error) => {
                let code = match self.kept_out(&error, hosts) {
                    "lobby" => "lobby-stops-teachers",
                    _ => "teacher-refused",
                };
                findings.push(Finding::new(Verdict::Bad, code, error.to_string()));
            }
        }
        if findings.iter().all(|finding| finding.verdict != Verdict::Bad) {
            findings.insert(0, Finding::good("room"));
            let seen = self.see_roles(hosts, tokens, (&mut learner, &mut teacher), is_waiting).await?;
            findings.push(roles(seen));
            findings.push(self.other_room(hosts, tokens, teacher_token).await?);
        }
        learner.end().await;
        teacher.end().await;
        Ok(findings)
    }

    async fn enter<'b>(
        &'b self,
        hosts: &'b Hosts,
        room: &str,
        token: Option<&str>,
    ) -> Result<Session<'b>, SessionError> {
        let mut session = Session::begin(self.place(&hosts.domain), room, token).await?;
        session.bind().await?;
        Ok(session)
    }

    async fn see_roles(
        &self,
        hosts: &Hosts,
        tokens: &ProbeTokens,
        (learner, teacher): (&mut Session<'_>, &mut Session<'_>),
        is_waiting: bool,
    ) -> Result<Seen, SessionError> {
        let (mut first, mut second) = (None, None);
        for _ in 0..LISTENINGS {
            second = teacher.listen().await?.or(second);
            if !is_waiting {
                first = learner.listen().await?.or(first);
            }
        }
        let mut late = None;
        if first == Some(Role::Moderator) {
            let mut third = self.enter(hosts, &tokens.room, tokens.learner.as_deref()).await?;
            if let JoinAnswer::In(role) = third.join(&format!("{}@{}", tokens.room, hosts.muc)).await? {
                late = third.listen().await?.or(Some(role));
            }
            third.end().await;
        }
        Ok(Seen { first, teacher: second.unwrap_or(Role::Participant), late })
    }

    /// Whether a token opens another room than its own.
    ///
    /// It's a moderator's token: one module keeps learners alone out of rooms that nobody moderates.
    async fn other_room(
        &self,
        hosts: &Hosts,
        tokens: &ProbeTokens,
        teacher: &str,
    ) -> Result<Finding, SessionError> {
        let mut stranger = self.enter(hosts, &tokens.other_room, Some(teacher)).await?;
        let room_jid = format!("{}@{}", tokens.other_room, hosts.muc);
        stranger.ask_focus(&hosts.focus, &room_jid).await?;
        let answer = stranger.join(&room_jid).await?;
        stranger.end().await;
        Ok(match answer {
            JoinAnswer::In(_) => Finding::bad("any-room", ""),
            JoinAnswer::Refused(_) => Finding::good("own-room"),
            JoinAnswer::Silent => Finding::notice("own-room-unclear", ""),
        })
    }

    /// The code of what keeps somebody with a right token out of their own room.
    ///
    /// Quirk: `token_owner_party` gives no words at all, the token check always does.
    fn kept_out(&self, error: &StanzaError, hosts: &Hosts) -> &'static str {
        let words = format!("{} {}", error.text, error.own).to_ascii_lowercase();
        match error.condition.as_str() {
            "registration-required" => "lobby",
            _ if words.contains("wildcard") => "wildcard-refused",
            _ if words.contains("does not exist") || words.contains("does-not-exist") => "jicofo-down",
            "item-not-found" => "jicofo-down",
            _ if words.contains("mismatch") || words.contains("not match") => {
                let fits = self.subject.is_some_and(|subject| subject.eq_ignore_ascii_case(hosts.subject()));
                if fits { "room-refused" } else { "subject-refused" }
            }
            "not-allowed" if error.text.is_empty() && error.own.is_empty() => "learners-wait",
            _ => "room-refused",
        }
    }
}

/// What the focus's answer means where it opens no room.
fn closed(answer: &FocusAnswer) -> Option<Finding> {
    Some(match answer {
        FocusAnswer::Ready => return None,
        FocusAnswer::NotReady => Finding::bad("jicofo-down", "ready=false"),
        FocusAnswer::Silent => Finding::bad("jicofo-down", "no answer"),
        FocusAnswer::Refused(error) => match error.condition.as_str() {
            "not-authorized" => Finding::bad("jicofo-login", error.to_string()),
            _ if error.own == "reservation-error" => Finding::notice("reservation", error.to_string()),
            _ => Finding::bad("jicofo-down", error.to_string()),
        },
    })
}

fn roles(seen: Seen) -> Finding {
    match seen {
        Seen { first: Some(Role::Moderator), late: Some(Role::Moderator), .. } => {
            Finding::bad("everyone-moderates", "")
        }
        Seen { first: Some(Role::Moderator), .. } => Finding::bad("first-is-moderator", ""),
        Seen { teacher: Role::Participant, .. } => Finding::bad("role-ignored", ""),
        Seen { teacher: Role::Moderator, .. } => Finding::good("roles"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_tell_who_gives_them() {
        let (some, other) = (Role::Moderator, Role::Participant);
        for (first, teacher, late, code) in [
            (Some(other), some, None, "roles"),
            (None, some, None, "roles"),
            (Some(some), some, Some(other), "first-is-moderator"),
            (Some(some), other, Some(other), "first-is-moderator"),
            (Some(some), some, None, "first-is-moderator"),
            (Some(some), some, Some(some), "everyone-moderates"),
            (Some(other), other, None, "role-ignored"),
        ] {
            assert_eq!(roles(Seen { first, teacher, late }).code, code, "{first:?} {teacher:?} {late:?}");
        }
    }

    #[test]
    fn the_focus_opens_a_room_or_tells_why_not() {
        let refused = |condition: &str, own: &str| {
            let (condition, own) = (condition.to_owned(), own.to_owned());
            FocusAnswer::Refused(StanzaError { condition, own, text: String::new() })
        };
        for (answer, code) in [
            (FocusAnswer::Ready, None),
            (FocusAnswer::NotReady, Some("jicofo-down")),
            (FocusAnswer::Silent, Some("jicofo-down")),
            (refused("service-unavailable", ""), Some("jicofo-down")),
            (refused("not-allowed", ""), Some("jicofo-down")),
            (refused("not-authorized", ""), Some("jicofo-login")),
            (refused("service-unavailable", "reservation-error"), Some("reservation")),
        ] {
            assert_eq!(closed(&answer).map(|finding| finding.code), code, "{answer:?}");
        }
    }
}
