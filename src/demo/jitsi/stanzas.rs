//! The requests of a BOSH client, as far as a test of a server sends them, checked against what real servers demand.

/// A request body.
pub(super) struct Request<'a>(&'a str);

/// What a body carries.
pub(super) enum Stanza<'a> {
    /// A login.
    Auth {
        /// The SASL mechanism.
        mechanism: &'a str,
    },
    /// The stream begins anew.
    Restart,
    /// An address is asked for.
    Bind {
        /// The request's identifier.
        id: &'a str,
    },
    /// Jicofo is asked for a room.
    Conference {
        /// The request's identifier.
        id: &'a str,
        /// Who is asked.
        to: &'a str,
        /// The room's address.
        room: &'a str,
    },
    /// Somebody comes into a room, given as `ROOM@MUC/NICK`.
    Join {
        /// The address with the nick.
        to: &'a str,
    },
    /// The session ends.
    End,
    /// The client listens.
    Nothing,
}

impl<'a> Request<'a> {
    /// The request in `body`, when it is one of BOSH.
    pub(super) fn read(body: &'a str) -> Option<Self> {
        let body = body.trim();
        let is_bosh = body.starts_with("<body ")
            && attribute(body, "xmlns") == Some("http://jabber.org/protocol/httpbind");
        is_bosh.then_some(Self(body))
    }

    /// An attribute of the body itself.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        attribute(self.0, name)
    }

    /// The number of the request.
    pub(super) fn rid(&self) -> Option<u64> {
        self.attribute("rid")?.parse().ok()
    }

    /// What it carries; `None` for what no server takes.
    pub(super) fn stanza(&self) -> Option<Stanza<'a>> {
        if self.attribute("type") == Some("terminate") {
            return Some(Stanza::End);
        }
        if self.attribute("xmpp:restart") == Some("true") {
            return Some(Stanza::Restart);
        }
        let inner = self.0.split_once('>')?.1;
        if inner.is_empty() || inner.starts_with("</body>") {
            return Some(Stanza::Nothing);
        }
        if inner.starts_with("<auth ") {
            let is_sasl = attribute(inner, "xmlns") == Some("urn:ietf:params:xml:ns:xmpp-sasl");
            return attribute(inner, "mechanism")
                .filter(|_| is_sasl)
                .map(|mechanism| Stanza::Auth { mechanism });
        }
        // Prosody routes stanzas of clients alone.
        if attribute(inner, "xmlns") != Some("jabber:client") {
            return None;
        }
        let child = inner.split_once('>').map(|(_, child)| child).unwrap_or_default();
        match attribute(inner, "type") {
            Some("set") if inner.starts_with("<iq ") => {
                let id = attribute(inner, "id")?;
                match attribute(child, "xmlns")? {
                    "urn:ietf:params:xml:ns:xmpp-bind" => Some(Stanza::Bind { id }),
                    "http://jitsi.org/protocol/focus" => Some(Stanza::Conference {
                        id,
                        to: attribute(inner, "to")?,
                        room: attribute(child, "room")?,
                    }),
                    _ => None,
                }
            }
            None if inner.starts_with("<presence ") => {
                let is_join = attribute(child, "xmlns") == Some("http://jabber.org/protocol/muc");
                attribute(inner, "to").filter(|_| is_join).map(|to| Stanza::Join { to })
            }
            _ => None,
        }
    }
}

/// An attribute of the first element.
///
/// Quirk: no XML reader, because requests are one or two elements with plain attributes.
fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let element = text.split('>').next()?;
    let start = element.find(&format!(" {name}="))? + name.len() + 2;
    let quote = element.get(start..)?.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    element.get(start + 1..)?.split(quote).next()
}
