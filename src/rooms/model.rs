//! A person's place in a room.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::clock::Timestamp;
use crate::ids::{ContextId, LinkId, RoomId, ServerId, UserId};
use crate::jitsi::token::Participant;
use crate::lti::families::Family;
use crate::lti::launch::roles::Rights;
use crate::lti::registration::platform::Status;
use crate::sealing::packing::{Pack, Packer, Unpacker};

use super::meeting::SILENCE;
use super::rules::RoomRules;
use super::schedule::agenda::Agenda;
use super::settings::catalogue::RoomSettings;
use super::settings::layers::Layers;

/// What a session in a room says of its person; the launch wrote it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomClaims {
    /// Our identifier of the resource link that the person came through.
    #[serde(rename = "l")]
    pub link: LinkId,
    /// Our identifier of the person.
    #[serde(rename = "u")]
    pub user: UserId,
    /// What the person may do, and why.
    #[serde(rename = "r")]
    pub rights: Rights,
    /// The launch's language.
    #[serde(rename = "o")]
    pub locale: Option<String>,
    /// Origins that may frame the pages beside those that the platform's registration names.
    #[serde(rename = "a")]
    pub ancestors: Vec<String>,
    /// The platform's address of the course. Secret: Moodle's holds a key of the person's own session there.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
}

/// Longer addresses of courses are left out: the session that holds them travels with each request.
const MAX_RETURN_URL: usize = 500;

/// The way back to the course that a session may hold.
///
/// Trust: `return_url` comes from a verified launch, and is https (http on this machine alone).
pub fn way_back(return_url: Option<&Url>) -> Option<String> {
    let url = return_url.filter(|url| url.username().is_empty() && url.password().is_none());
    url.map(Url::to_string).filter(|url| url.len() <= MAX_RETURN_URL)
}

/// Language tags are shorter.
const MAX_LOCALE: u8 = 35;
/// A scheme, a host name and a port.
const MAX_ORIGIN: usize = 255;
/// The launch names one at most.
const MAX_ORIGINS: usize = 2;

impl Pack for RoomClaims {
    fn pack(&self, out: &mut Packer) {
        out.id(self.link.as_bytes());
        out.id(self.user.as_bytes());
        self.rights.pack(out);
        out.text(self.locale.as_deref().unwrap_or_default(), MAX_LOCALE);
        out.long_text(self.return_url.as_deref().unwrap_or_default());
        let fits = |origin: &&String| origin.len() <= MAX_ORIGIN;
        for origin in self.ancestors.iter().filter(fits).take(MAX_ORIGINS) {
            out.text(origin, u8::MAX);
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        let (link, user) = (LinkId::from_bytes(from.id()?), UserId::from_bytes(from.id()?));
        let rights = Rights::unpack(from)?;
        let locale = Some(from.text()?).filter(|locale| !locale.is_empty());
        let return_url = Some(from.long_text()?).filter(|url| !url.is_empty());
        let mut ancestors = Vec::new();
        while !from.is_at_end() {
            ancestors.push(from.text()?);
        }
        Some(Self { link, user, rights, locale, ancestors, return_url })
    }
}

/// The key of the room of the whole course.
pub const WHOLE_COURSE: &str = "";

/// What a page needs to know of a room and the person in it, as the database has it now.
#[derive(Clone, Debug)]
pub struct RoomView {
    /// The room's name on its Jitsi server.
    pub jitsi_room: String,
    /// The room of the whole course, whose settings and dates count in the rooms of its groups too.
    pub activity_room: RoomId,
    /// The server of the room's last meeting.
    pub server: Option<RoomServer>,
    /// The rules of its grades and groups.
    pub rules: RoomRules,
    /// What was decided for it, at all levels together.
    pub settings: RoomSettings,
    /// What was decided at each level.
    pub layers: Layers,
    /// Its dates that matter now; `None` for a room that is always open.
    pub agenda: Option<Agenda>,
    /// Title of the activity.
    pub title: Option<String>,
    /// Description of the activity.
    pub description: Option<String>,
    /// Our identifier of the course.
    pub context: ContextId,
    /// Title, or else the short name, of the course.
    pub course: Option<String>,
    /// The group whose room it is; `None` for the room of the whole course.
    pub group: Option<RoomGroup>,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// The address of the person's picture.
    pub picture: Option<String>,
    /// Stands for the person at Jitsi servers.
    pub pseudonym: String,
    /// The kind of platform that the person comes from.
    pub family: &'static Family,
    /// Whether platform, deployment and person may still enter.
    pub admission: Admission,
    /// The platform's origins, which may frame the pages.
    pub ancestors: Vec<String>,
}

/// The server that the people of a room's last meeting joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomServer {
    /// Our identifier of the server.
    pub id: ServerId,
    /// When the first of them joined.
    pub chosen: Timestamp,
}

impl RoomServer {
    /// Returns what the columns of a room hold.
    pub fn of(id: Option<ServerId>, chosen: Timestamp) -> Option<Self> {
        id.map(|id| Self { id, chosen })
    }

    /// Returns whether it was chosen so short a time ago that nobody may have been seen in the meeting yet.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.since(self.chosen) <= SILENCE
    }
}

/// The group whose room somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomGroup {
    /// The platform's identifier.
    pub key: String,
    /// Its name, where the platform tells one.
    pub name: Option<String>,
    /// Its neutral name.
    pub number: i64,
    /// Whether the person is in it, as far as the platform told.
    pub is_member: bool,
}

/// Whether platform, deployment and person may enter.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// The platform's.
    pub platform: Status,
    /// The deployment's.
    pub deployment: Status,
    /// The person's.
    pub user: Status,
    /// Sessions from before this moment are over: for the person, here or everywhere, or for the whole platform.
    pub sessions_from: Timestamp,
}

impl RoomView {
    /// How the person enters the room on the server `server_id`.
    pub fn participant(&self, server_id: ServerId, name: &str, moderator: bool) -> Participant {
        let picture = self.picture.clone().filter(|_| self.settings.picture);
        Participant {
            room: self.jitsi_room.clone(),
            user_id: pseudonym_at(server_id, &self.pseudonym),
            name: name.to_owned(),
            avatar: picture,
            controls: self.settings.controls.of(moderator),
            ends: self.agenda.as_ref().and_then(Agenda::ends),
            group: self.context.to_string(),
        }
    }
}

/// Another name for the person on each server, so that two servers cannot compare their visitors.
fn pseudonym_at(server_id: ServerId, pseudonym: &str) -> String {
    let digest = Sha256::digest(format!("{server_id}\n{pseudonym}"));
    digest.iter().take(13).map(|byte| format!("{byte:02x}")).collect()
}

/// The first letters of the first and the last part of a name; the first alone in scripts without capital letters, where
/// two that stand together may join or make a word.
pub fn initials(name: &str) -> String {
    let mut parts = name.split_whitespace().filter_map(|part| part.chars().find(|c| c.is_alphanumeric()));
    let first = parts.next();
    let last = parts.next_back().filter(|_| first.is_some_and(|c| c.is_uppercase() || c.is_lowercase()));
    [first, last].into_iter().flatten().map(capital).collect()
}

/// Quirk: few fonts have the capital letters that Unicode gave the Georgian script, which does without them.
fn capital(letter: char) -> String {
    if ('\u{10d0}'..='\u{10ff}').contains(&letter) {
        letter.to_string()
    } else {
        letter.to_uppercase().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::launch::role_rules::RoleRules;

    #[test]
    fn a_seat_is_written_in_few_bytes_and_read_again() {
        let claims = RoomClaims {
            link: LinkId::derived("link", 0),
            user: UserId::derived("user", 0),
            rights: RoleRules::default()
                .rights(&["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]),
            locale: Some("es".to_owned()),
            ancestors: vec!["https://school.example".to_owned()],
            return_url: Some(format!("https://lms.example/{}", "c".repeat(300))),
        };
        let mut out = Packer::default();
        claims.pack(&mut out);
        let bytes = out.finish();
        assert!(bytes.len() < 400, "{}", bytes.len());
        let read = RoomClaims::unpack(&mut Unpacker::new(&bytes)).unwrap();
        assert_eq!((&read.link, &read.user, &read.rights), (&claims.link, &claims.user, &claims.rights));
        assert_eq!((&read.locale, &read.ancestors), (&claims.locale, &claims.ancestors));
        assert_eq!(read.return_url, claims.return_url);
        assert!(RoomClaims::unpack(&mut Unpacker::new(&bytes[..40])).is_none());
    }

    #[test]
    fn initials_are_of_the_first_and_last_part() {
        for (name, expected) in [
            ("Ana María Ruiz", "AR"),
            ("Prince", "P"),
            ("  ", ""),
            ("élodie (she)", "ÉS"),
            ("李 明", "李"),
            ("ليلى الحسيني", "ل"),
            ("ნინო ბერიძე", "ნბ"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn the_way_back_is_short_and_carries_no_credentials() {
        let long = format!("https://lms.example/{}", "c".repeat(500));
        for (text, kept) in [
            ("https://lms.example/mod/lti/return.php?course=2&sesskey=x", true),
            ("https://ana:secret@lms.example/course", false),
            ("https://ana@lms.example/course", false),
            (&long, false),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(way_back(Some(&url)), kept.then(|| text.to_owned()), "{text}");
        }
        assert_eq!(way_back(None), None);
    }

    #[test]
    fn a_person_has_another_pseudonym_on_each_server() {
        let (one, other) = (ServerId::derived("server", 0), ServerId::derived("server", 1));
        assert_ne!(pseudonym_at(one, "p"), pseudonym_at(other, "p"));
        assert_eq!(pseudonym_at(one, "p"), pseudonym_at(one, "p"));
    }
}
