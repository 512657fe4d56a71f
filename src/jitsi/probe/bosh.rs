//! A session with a Jitsi server over BOSH, as its web client has one: log in, ask the focus for a room, come in, see
//! one's own role.
//!
//! Every wait is a number of polls: the server holds each for a second at most, unless something has come.

use url::Url;

use super::stanza::Element;
use crate::outbound::{Cause, Outbound, OutboundError, Reach};

const MAX_STANZA: usize = 256 * 1024;
const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
const HTTP_BIND: &str = "http://jabber.org/protocol/httpbind";
const FOCUS: &str = "http://jitsi.org/protocol/focus";
/// A server that fetches our key first needs a moment; one that answers no login never does.
const LOGIN_POLLS: usize = 10;
const ANSWER_POLLS: usize = 6;
/// How often a focus that is not ready yet is asked again.
const FOCUS_TRIES: usize = 3;

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionError {
    /// The login was refused, in the server's words.
    Refused(String),
    /// The server knows no XMPP domain of this name.
    DomainUnknown,
    /// The domain offers no login that a browser could use.
    LoginNotOffered,
    /// The login was not answered.
    NoAnswer,
    /// Something else went wrong on the way.
    Unclear(String),
}

/// The role that a server gave somebody in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It may remove others, and record.
    Moderator,
    /// It takes part.
    Participant,
}

/// Why a server refused a request: the condition of RFC 6120 §8.3.3, and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StanzaError {
    /// The defined condition.
    pub condition: String,
    /// Jitsi's own condition beside it; empty where there is none.
    pub own: String,
    /// The words; empty where there are none.
    pub text: String,
}

impl std::fmt::Display for StanzaError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told = [&self.text, &self.own, &self.condition].into_iter().find(|words| !words.is_empty());
        out.write_str(told.map_or("no reason given", |words| words))
    }
}

/// What the focus answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FocusAnswer {
    /// The room is open.
    Ready,
    /// It still gets ready.
    NotReady,
    /// It refused.
    Refused(StanzaError),
    /// It gave no answer.
    Silent,
}

/// What coming into a room led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinAnswer {
    /// Let in.
    In(Role),
    /// Kept out.
    Refused(StanzaError),
    /// No answer.
    Silent,
}

/// A server's place for sessions.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The guarded client.
    pub outbound: &'a Outbound,
    /// The server's origin.
    pub origin: &'a Url,
    /// Where its URLs may lead.
    pub reach: Reach,
    /// Its XMPP domain.
    pub domain: &'a str,
}

/// A session that is logged in.
pub struct Session<'a> {
    place: Place<'a>,
    url: Url,
    sid: String,
    rid: u32,
    /// The stanzas' own address, once it is known.
    jid: String,
    /// The role seen last.
    role: Option<Role>,
    /// What kept it out of the room.
    kept_out: Option<StanzaError>,
    /// The answer to the last request, and the request's identifier.
    answer: Option<Element>,
    asked: u32,
}

impl<'a> Session<'a> {
    /// Opens a session and logs in anonymously; the token travels in the session's address.
    ///
    /// Spec: XEP-0206 (XMPP over BOSH), RFC 4505 (SASL ANONYMOUS).
    /// Quirk: Prosody calls a domain that it doesn't have `improper-addressing`, other servers `host-unknown`. Where its
    /// token module couldn't be loaded, it offers no mechanism at all.
    pub async fn begin(place: Place<'a>, room: &str, token: Option<&str>) -> Result<Self, SessionError> {
        let unclear = |error: &dyn std::fmt::Display| SessionError::Unclear(error.to_string());
        let mut url = place.origin.join("http-bind").map_err(|error| unclear(&error))?;
        url.query_pairs_mut().append_pair("room", room);
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("token", token);
        }
        let mut session = Self {
            place,
            url,
            sid: String::new(),
            rid: 1000,
            jid: String::new(),
            role: None,
            kept_out: None,
            answer: None,
            asked: 0,
        };
        let domain = escaped(place.domain);
        let opened = session
            .post(format!(
                "<body rid='1000' xmlns='{HTTP_BIND}' to='{domain}' xml:lang='en' wait='1' hold='1' \
                 content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>"
            ))
            .await?;
        if let Some(ended) = ending(&opened) {
            return Err(ended);
        }
        let sid = opened.attribute("sid");
        sid.ok_or_else(|| SessionError::Unclear("no session was opened".to_owned()))?
            .clone_into(&mut session.sid);
        let offers = |features: &Element| {
            let mechanisms = features.child("mechanisms").map(|all| all.children_named("mechanism"));
            mechanisms.into_iter().flatten().any(|one| one.text.trim() == "ANONYMOUS")
        };
        if opened.child("features").is_some_and(|features| !offers(features)) {
            session.end().await;
            return Err(SessionError::LoginNotOffered);
        }
        session.log_in().await?;
        Ok(session)
    }

    async fn log_in(&mut self) -> Result<(), SessionError> {
        let mut answer =
            self.send("", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>").await?;
        for _ in 0..LOGIN_POLLS {
            if let Some(outcome) = login_outcome(&answer) {
                return outcome;
            }
            answer = self.send("", "").await?;
        }
        login_outcome(&answer).unwrap_or(Err(SessionError::NoAnswer))
    }

    /// Gets an address in the domain.
    ///
    /// Spec: RFC 6120 §7.
    pub async fn bind(&mut self) -> Result<(), SessionError> {
        self.send(" xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'", "").await?;
        let bind = format!("<bind xmlns='{BIND}'/>");
        let bound = self.ask("", &bind).await?;
        let jid = bound.as_ref().and_then(|iq| iq.child("bind")?.child("jid"));
        let jid = jid.ok_or_else(|| SessionError::Unclear("the server gave no address".to_owned()))?;
        self.jid.clone_from(&jid.text);
        Ok(())
    }

    /// The name in rooms that every server takes: the first eight characters of the address's node.
    ///
    /// Quirk: `muc_resource_validate` takes no hyphen, and in its strict mode nothing else.
    fn nick(&self) -> &str {
        let node = self.jid.split('@').next().unwrap_or_default();
        node.get(..8).unwrap_or(node)
    }

    /// Asks jicofo to open a room, as the web client does.
    ///
    /// Spec: lib-jitsi-meet, `Moderator`: an IQ to `focus.DOMAIN`, which Debian's packages and docker both have.
    pub async fn ask_focus(&mut self, focus: &str, room_jid: &str) -> Result<FocusAnswer, SessionError> {
        let (focus, room_jid) = (escaped(focus), escaped(room_jid));
        let conference = format!(
            "<conference xmlns='{FOCUS}' machine-uid='server-test' room='{room_jid}'>\
             <property name='rtcstatsEnabled' value='false'/></conference>"
        );
        let mut answer = FocusAnswer::Silent;
        for _ in 0..FOCUS_TRIES {
            answer = match self.ask(&format!(" to='{focus}'"), &conference).await? {
                None => FocusAnswer::Silent,
                Some(iq) if iq.attribute("type") == Some("error") => {
                    FocusAnswer::Refused(stanza_error(&iq).unwrap_or_default())
                }
                Some(iq) => {
                    let ready = iq.child("conference").and_then(|opened| opened.attribute("ready"));
                    if ready == Some("true") { FocusAnswer::Ready } else { FocusAnswer::NotReady }
                }
            };
            if answer != FocusAnswer::NotReady {
                break;
            }
            self.listen().await?;
        }
        Ok(answer)
    }

    /// Comes into the room.
    ///
    /// Spec: XEP-0045 §7.2.
    pub async fn join(&mut self, room_jid: &str) -> Result<JoinAnswer, SessionError> {
        (self.role, self.kept_out) = (None, None);
        let to = escaped(&format!("{room_jid}/{}", self.nick()));
        let presence = format!(
            "<presence to='{to}' xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        );
        self.send("", &presence).await?;
        for _ in 0..ANSWER_POLLS {
            if self.role.is_some() || self.kept_out.is_some() {
                break;
            }
            self.listen().await?;
        }
        Ok(match (self.kept_out.take(), self.role) {
            (Some(error), _) => JoinAnswer::Refused(error),
            (None, Some(role)) => JoinAnswer::In(role),
            (None, None) => JoinAnswer::Silent,
        })
    }

    /// Listens for a moment; the role that the server gave last.
    pub async fn listen(&mut self) -> Result<Option<Role>, SessionError> {
        self.send("", "").await?;
        Ok(self.role)
    }

    /// Leaves.
    pub async fn end(mut self) {
        // The session ends by itself where this fails.
        let _ = self.send(" type='terminate'", "<presence type='unavailable' xmlns='jabber:client'/>").await;
    }

    /// Sends a request, and waits for its answer; `None` when there is none.
    async fn ask(&mut self, to: &str, content: &str) -> Result<Option<Element>, SessionError> {
        self.asked += 1;
        self.answer = None;
        let id = self.asked;
        self.send("", &format!("<iq type='set' id='{id}'{to} xmlns='jabber:client'>{content}</iq>")).await?;
        for _ in 0..ANSWER_POLLS {
            if self.answer.is_some() {
                break;
            }
            self.send("", "").await?;
        }
        Ok(self.answer.take())
    }

    async fn send(&mut self, attributes: &str, stanza: &str) -> Result<Element, SessionError> {
        self.rid += 1;
        let (rid, sid) = (self.rid, escaped(&self.sid));
        let body = format!("<body rid='{rid}' sid='{sid}' xmlns='{HTTP_BIND}'{attributes}>{stanza}</body>");
        let answer = self.post(body).await?;
        self.take_in(&answer);
        Ok(answer)
    }

    fn take_in(&mut self, body: &Element) {
        let id = self.asked.to_string();
        let is_answer = |iq: &&Element| iq.attribute("id") == Some(id.as_str());
        if let Some(answer) = body.children_named("iq").find(is_answer) {
            self.answer = Some(answer.clone());
        }
        for presence in body.children_named("presence") {
            if presence.attribute("type") == Some("error") {
                self.kept_out = Some(stanza_error(presence).unwrap_or_default());
            } else if let Some(role) = own_role(presence) {
                self.role = Some(role);
            }
        }
    }

    async fn post(&self, body: String) -> Result<Element, SessionError> {
        let Place { outbound, reach, .. } = self.place;
        match outbound.post(&self.url, reach, MAX_STANZA, "text/xml; charset=utf-8", body).await {
            Ok(answer) if answer.status == 200 => {
                Element::read(&answer.text()).filter(|body| body.name == "body").ok_or_else(|| {
                    SessionError::Unclear("/http-bind does not answer as Jitsi's does".to_owned())
                })
            }
            Ok(answer) => Err(SessionError::Unclear(format!("/http-bind answers HTTP {}", answer.status))),
            Err(OutboundError::Unreachable { cause: Cause::TimedOut, .. }) if !self.sid.is_empty() => {
                Err(SessionError::NoAnswer)
            }
            Err(error) => Err(SessionError::Unclear(error.to_string())),
        }
    }
}

/// How a body ends the session, if it does.
fn ending(body: &Element) -> Option<SessionError> {
    let stream_error = body.child("error").and_then(|error| error.children.first());
    if body.attribute("type") != Some("terminate") && stream_error.is_none() {
        return None;
    }
    let condition = stream_error.map(|error| error.name.as_str()).or_else(|| body.attribute("condition"));
    Some(match condition {
        Some("host-unknown" | "improper-addressing" | "host-gone") => SessionError::DomainUnknown,
        Some(other) => SessionError::Unclear(other.to_owned()),
        None => SessionError::Unclear("the server ended the session".to_owned()),
    })
}

/// Whether the login worked; `None` while that is open.
///
/// Quirk: what refuses the mechanism says nothing about the token.
fn login_outcome(body: &Element) -> Option<Result<(), SessionError>> {
    if body.child("success").is_some() {
        return Some(Ok(()));
    }
    let Some(failure) = body.child("failure") else { return ending(body).map(Err) };
    if failure.child("invalid-mechanism").is_some() {
        return Some(Err(SessionError::LoginNotOffered));
    }
    let condition = failure.children.first().map(|condition| condition.name.clone());
    let words = failure.child("text").map(|text| text.text.trim().to_owned());
    let words = words.filter(|words| !words.is_empty()).or(condition);
    Some(Err(SessionError::Refused(words.unwrap_or_else(|| "no reason given".to_owned()))))
}

fn stanza_error(stanza: &Element) -> Option<StanzaError> {
    let error = stanza.child("error")?;
    let mut conditions = error.children.iter().filter(|child| child.name != "text");
    let mut next = || conditions.next().map(|condition| condition.name.clone()).unwrap_or_default();
    let (condition, own) = (next(), next());
    let text = error.child("text").map(|text| text.text.trim().to_owned()).unwrap_or_default();
    Some(StanzaError { condition, own, text })
}

/// The role in a presence of our own, which carries status 110 (XEP-0045 §7.2.2).
fn own_role(presence: &Element) -> Option<Role> {
    let x = presence.children_named("x").find(|x| x.child("item").is_some())?;
    x.children_named("status").find(|status| status.attribute("code") == Some("110"))?;
    match x.child("item")?.attribute("role")? {
        "moderator" => Some(Role::Moderator),
        "none" => None,
        _ => Some(Role::Participant),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Element {
        Element::read(text).unwrap()
    }

    #[test]
    fn a_login_is_refused_only_by_words_about_it() {
        let refused = |why: &str| Some(Err(SessionError::Refused(why.to_owned())));
        for (body, expected) in [
            ("<body><success xmlns='x'/></body>", Some(Ok(()))),
            (
                "<body><failure><not-allowed/><text>&apos;kid&apos; claim is missing</text></failure></body>",
                refused("'kid' claim is missing"),
            ),
            ("<body><failure><not-authorized/></failure></body>", refused("not-authorized")),
            (
                "<body><failure><invalid-mechanism/></failure></body>",
                Some(Err(SessionError::LoginNotOffered)),
            ),
            (
                "<body type='terminate' condition='improper-addressing'/>",
                Some(Err(SessionError::DomainUnknown)),
            ),
            ("<body type='terminate' condition='host-unknown'/>", Some(Err(SessionError::DomainUnknown))),
            (
                "<body><stream:error><host-unknown/></stream:error></body>",
                Some(Err(SessionError::DomainUnknown)),
            ),
            (
                "<body type='terminate' condition='policy-violation'/>",
                Some(Err(SessionError::Unclear("policy-violation".to_owned()))),
            ),
            ("<body/>", None),
        ] {
            assert_eq!(login_outcome(&read(body)), expected, "{body}");
        }
    }

    #[test]
    fn of_all_presences_our_own_tells_the_role() {
        let presence = |role: &str, more: &str| {
            let text = format!(
                "<presence from='r@m/a'><occupant-id id='x'/><x><status code='100'/><item role='{role}' affiliation='none'/>{more}</x></presence>"
            );
            own_role(&read(&text))
        };
        assert_eq!(presence("moderator", ""), None);
        assert_eq!(presence("participant", "<status code='110'/>"), Some(Role::Participant));
        assert_eq!(presence("moderator", "<status code=\"110\"/>"), Some(Role::Moderator));
    }

    #[test]
    fn a_refused_join_has_a_condition_and_words() {
        let error = |inner: &str| {
            stanza_error(&read(&format!(
                "<presence type='error'><error type='cancel'>{inner}</error></presence>"
            )))
            .unwrap()
        };
        for (inner, condition, own, text, told) in [
            ("<not-allowed/>", "not-allowed", "", "", "not-allowed"),
            ("<not-allowed/><text>No &amp; no</text>", "not-allowed", "", "No & no", "No & no"),
            ("<not-allowed/><room-mismatch/>", "not-allowed", "room-mismatch", "", "room-mismatch"),
            (
                "<service-unavailable/><text>Not yet</text><reservation-error/>",
                "service-unavailable",
                "reservation-error",
                "Not yet",
                "Not yet",
            ),
        ] {
            let error = error(inner);
            let parts = (error.condition.as_str(), error.own.as_str(), error.text.as_str());
            assert_eq!(parts, (condition, own, text), "{inner}");
            assert_eq!(error.to_string(), told);
        }
    }
}
