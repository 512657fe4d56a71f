//! A session with a Jitsi server over BOSH, as its web client has one: log in, come into a room, see one's own role.
//!
//! Quirk: no XML reader, because what is looked for are a few attributes of small stanzas.

use url::Url;

use crate::outbound::{NetworkPolicy, Outbound};

const MAX_STANZA: usize = 256 * 1024;
const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
const HTTP_BIND: &str = "http://jabber.org/protocol/httpbind";
const FOCUS: &str = "http://jitsi.org/protocol/focus";
/// How often jicofo is listened to for its answer, about a second each time.
const FOCUS_LISTENINGS: usize = 5;

/// What a login attempt came to.
#[derive(Debug, PartialEq, Eq)]
pub enum BoshLogin {
    /// The server lets the bearer in.
    Accepted,
    /// It does not, for this reason.
    Refused(String),
    /// It gives no clear answer.
    Unclear(String),
}

/// The role that a server gave somebody in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MucRole {
    /// It may remove others, and record.
    Moderator,
    /// It takes part.
    Participant,
}

/// Where a server is, and how it may be reached.
#[derive(Clone, Copy)]
pub struct MucAddress<'a> {
    /// The guarded client.
    pub outbound: &'a Outbound,
    /// The server's origin.
    pub origin: &'a Url,
    /// Where its URLs may lead.
    pub policy: NetworkPolicy,
    /// Its XMPP domain.
    pub domain: &'a str,
}

/// A session that is logged in.
pub struct BoshSession<'a> {
    place: MucAddress<'a>,
    url: Url,
    sid: String,
    rid: u32,
    /// What the server calls us, without the domain.
    node: String,
    /// The role seen last.
    role: Option<MucRole>,
}

impl<'a> BoshSession<'a> {
    /// Opens a session and logs in anonymously; the token travels in the session's address.
    ///
    /// Spec: XEP-0206 (XMPP over BOSH).
    /// Errors: the login was refused, or nobody knows.
    pub async fn begin(place: MucAddress<'a>, room: &str, token: Option<&str>) -> Result<Self, BoshLogin> {
        let mut url =
            place.origin.join("http-bind").map_err(|error| BoshLogin::Unclear(error.to_string()))?;
        url.query_pairs_mut().append_pair("room", room);
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("token", token);
        }
        let mut session = Self { place, url, sid: String::new(), rid: 1000, node: String::new(), role: None };
        let domain = place.domain;
        let opened = session
            .post(format!(
                "<body rid='1000' xmlns='{HTTP_BIND}' to='{domain}' xml:lang='en' wait='1' hold='1' \
                 content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>"
            ))
            .await?;
        session.sid = attribute(&opened, "sid").ok_or_else(|| outcome(&opened))?.to_owned();
        let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";
        match outcome(&session.say("", auth).await?) {
            BoshLogin::Accepted => Ok(session),
            other => Err(other),
        }
    }

    /// Takes an address at the server, as every session does before it asks for anything.
    ///
    /// Spec: RFC 6120 §7.
    pub async fn bind(&mut self) -> Result<(), BoshLogin> {
        self.say(" xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'", "").await?;
        let bind = format!("<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='{BIND}'/></iq>");
        let bound = self.say("", &bind).await?;
        let jid = bound.split_once("<jid>").and_then(|(_, rest)| rest.split('@').next());
        self.node = jid.unwrap_or_default().to_owned();
        Ok(())
    }

    /// Asks jicofo for the room, as the web client does.
    ///
    /// Errors: jicofo refuses, or says nothing.
    pub async fn ask_focus(&mut self, muc: &str, room: &str) -> Result<(), BoshLogin> {
        let domain = self.place.domain;
        let question = format!(
            "<iq type='set' id='focus' to='focus.{domain}' xmlns='jabber:client'>\
             <conference xmlns='{FOCUS}' room='{room}@{muc}' machine-uid='{room}'/></iq>"
        );
        let mut heard = self.say("", &question).await?;
        for _ in 0..FOCUS_LISTENINGS {
            if let Some(answer) = focus_answer(&heard) {
                return answer;
            }
            heard = self.say("", "").await?;
        }
        Err(BoshLogin::Unclear("jicofo does not answer".to_owned()))
    }

    /// Comes into the room at `muc`.
    ///
    /// Spec: XEP-0045 §7.2.
    pub async fn join(&mut self, muc: &str, room: &str) -> Result<(), BoshLogin> {
        let nick = nick_of(&self.node);
        let presence = format!(
            "<presence to='{room}@{muc}/{nick}' xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        );
        let answer = self.say("", &presence).await?;
        self.see(&answer)
    }

    /// Listens for a moment; the role that the server gave last.
    pub async fn listen(&mut self) -> Result<Option<MucRole>, BoshLogin> {
        let heard = self.say("", "").await?;
        self.see(&heard)?;
        Ok(self.role)
    }

    /// Leaves.
    pub async fn end(mut self) {
        // The session ends by itself where this fails.
        let _ = self.say(" type='terminate'", "<presence type='unavailable' xmlns='jabber:client'/>").await;
    }

    /// Our own presence carries status 110 (XEP-0045 §7.2.2).
    fn see(&mut self, stanzas: &str) -> Result<(), BoshLogin> {
        for presence in stanzas.split("<presence").skip(1) {
            if let Some(why) = error_of(presence) {
                return Err(BoshLogin::Refused(why));
            }
            let is_own = presence.contains("code='110'") || presence.contains("code=\"110\"");
            if let (true, Some(role)) = (is_own, attribute(presence, "role")) {
                self.role = Some(if role == "moderator" { MucRole::Moderator } else { MucRole::Participant });
            }
        }
        Ok(())
    }

    async fn say(&mut self, attributes: &str, stanza: &str) -> Result<String, BoshLogin> {
        self.rid += 1;
        let (rid, sid) = (self.rid, &self.sid);
        self.post(format!("<body rid='{rid}' sid='{sid}' xmlns='{HTTP_BIND}'{attributes}>{stanza}</body>"))
            .await
    }

    async fn post(&self, body: String) -> Result<String, BoshLogin> {
        let MucAddress { outbound, policy, .. } = self.place;
        match outbound.post(&self.url, policy, MAX_STANZA, "text/xml; charset=utf-8", body).await {
            Ok(answer) if answer.status == 200 => Ok(answer.text().into_owned()),
            Ok(answer) => Err(BoshLogin::Unclear(format!("/http-bind answers HTTP {}", answer.status))),
            Err(error) => Err(BoshLogin::Unclear(error.to_string())),
        }
    }
}

fn outcome(stanza: &str) -> BoshLogin {
    if stanza.contains("<success") {
        return BoshLogin::Accepted;
    }
    if stanza.contains("<failure")
        || stanza.contains("type='terminate'")
        || stanza.contains("type=\"terminate\"")
    {
        let text = stanza.split_once("<text").and_then(|(_, rest)| rest.split_once('>')?.1.split_once('<'));
        return BoshLogin::Refused(text.map_or("no reason given", |(words, _)| words).to_owned());
    }
    BoshLogin::Unclear("the server answered neither yes nor no".to_owned())
}

/// What jicofo answers; `None` as long as it does not.
fn focus_answer(heard: &str) -> Option<Result<(), BoshLogin>> {
    let is_answer = |iq: &&str| attribute(iq, "id") == Some("focus");
    let answer = heard.split("<iq").skip(1).find(is_answer)?;
    Some(match (error_of(answer), attribute(answer, "ready")) {
        (Some(why), _) => Err(BoshLogin::Refused(why)),
        (None, Some("true")) => Ok(()),
        (None, _) => Err(BoshLogin::Unclear("jicofo is not ready".to_owned())),
    })
}

/// The condition of a stanza's error, and the server's own words.
fn error_of(stanza: &str) -> Option<String> {
    let (_, error) = stanza.split_once("<error")?;
    let condition = error.split('<').nth(1).unwrap_or_default();
    let condition = condition.split([' ', '/', '>']).next().unwrap_or_default();
    let words = error.split_once("<text").and_then(|(_, rest)| rest.split_once('>')?.1.split_once('<'));
    Some(words.map_or_else(|| condition.to_owned(), |(words, _)| format!("{condition}: {words}")))
}

/// The name in a room, as the web client takes it: some servers accept no other.
fn nick_of(node: &str) -> &str {
    let nick = node.split('-').next().unwrap_or_default();
    nick.get(..8).unwrap_or(if nick.is_empty() { "test" } else { nick })
}

fn attribute<'a>(stanza: &'a str, name: &str) -> Option<&'a str> {
    ['\'', '"'].into_iter().find_map(|quote| {
        let (_, rest) = stanza.split_once(&format!(" {name}={quote}"))?;
        rest.split_once(quote).map(|(value, _)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_say_yes_no_or_nothing() {
        assert_eq!(outcome("<body><success xmlns='x'/></body>"), BoshLogin::Accepted);
        let refused = "<body><failure><not-authorized/><text>Invalid signature</text></failure></body>";
        assert_eq!(outcome(refused), BoshLogin::Refused("Invalid signature".into()));
        assert!(matches!(outcome("<body/>"), BoshLogin::Unclear(_)));
        assert_eq!(attribute("<body sid='abc' x=\"y\">", "sid"), Some("abc"));
    }

    #[test]
    fn names_in_rooms_are_those_of_the_web_client() {
        assert_eq!(nick_of("9f2c41d0-6f2e-4a53-9d1b-1f0a3c5e7b90"), "9f2c41d0");
        assert_eq!(nick_of("hGk3vQ_wT0xY"), "hGk3vQ_w");
        assert_eq!((nick_of("abc"), nick_of("")), ("abc", "test"));
    }

    #[test]
    fn jicofo_opens_a_room_or_says_why_not() {
        let answers = |iq: &str| focus_answer(&format!("<body><iq from='focus.m' {iq}</iq></body>"));
        assert_eq!(answers("id='bind' type='result'><bind/>"), None);
        assert_eq!(answers("id='focus' type='result'><conference ready='true' room='r@m'/>"), Some(Ok(())));
        let refused = "id='focus' type='error'><error type='auth'><not-authorized xmlns='x'/></error>";
        assert_eq!(answers(refused), Some(Err(BoshLogin::Refused("not-authorized".to_owned()))));
        let waits = "id='focus' type='result'><conference ready='false'/>";
        assert!(matches!(answers(waits), Some(Err(BoshLogin::Unclear(_)))));
    }

    #[test]
    fn of_all_presences_our_own_tells_the_role() {
        let (outbound, origin) = (Outbound::new(), Url::parse("https://meet.example.org").unwrap());
        let place = MucAddress {
            outbound: &outbound,
            origin: &origin,
            policy: NetworkPolicy::Public,
            domain: "meet.example.org",
        };
        let mut session = BoshSession {
            place,
            url: origin.clone(),
            sid: String::new(),
            rid: 0,
            node: String::new(),
            role: None,
        };
        let own = |role: &str| {
            format!(
                "<presence from='r@m/a'><x><item role='{role}' affiliation='none'/><status code='110'/></x></presence>"
            )
        };
        let mut see = |stanza: &str| session.see(stanza).map(|()| session.role);
        let focus = "<body><presence from='r@m/focus'><x><item role='moderator'/></x></presence></body>";
        assert_eq!(see(focus), Ok(None));
        assert_eq!(see(&own("participant")), Ok(Some(MucRole::Participant)));
        assert_eq!(see(&own("moderator")), Ok(Some(MucRole::Moderator)));
        let refused =
            "<presence type='error'><error type='cancel'><not-allowed xmlns='x'/></error></presence>";
        assert_eq!(see(refused), Err(BoshLogin::Refused("not-allowed".to_owned())));
        let words = refused.replace("</error>", "<text xmlns='x'>Room and token mismatched</text></error>");
        assert_eq!(see(&words), Err(BoshLogin::Refused("not-allowed: Room and token mismatched".to_owned())));
    }
}
