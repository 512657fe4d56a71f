//! Members of a course as platforms list them: a lenient reading of one page, which never holds more than its bounds.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use url::Url;

use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::lti::claims::tidy;
use crate::lti::identifier::{Identifier, is_storable};
use crate::lti::person::{PersonProfile, person_name};

const MAX_ROLES: usize = 30;
const MAX_ROLE: usize = 255;
/// Elements of one page that are looked at: no honest platform sends more at a time.
const MAX_ON_A_PAGE: usize = 50_000;

/// Whether a member takes part in the course at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::MemberStatus)]
pub enum MemberStatus {
    /// Takes part.
    Active,
    /// Is kept out for the moment.
    Inactive,
    /// Was taken out.
    Deleted,
}

stored_as_word!(MemberStatus, columns::MemberStatus);

impl MemberStatus {
    /// The status that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Inactive, Self::Deleted].into_iter().find(|status| status.word() == word)
    }

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }

    /// Spec: NRPS 2.0 §2.2: a missing status means Active. Quirk: the case varies; a word that nobody knows lets nobody
    /// appear who may have left.
    fn read(value: Option<&str>) -> Self {
        match value.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "active") => Self::Active,
            Some("deleted") => Self::Deleted,
            Some(_) => Self::Inactive,
        }
    }
}

/// A member of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person, as `sub` of launches names them.
    pub user_id: String,
    /// What the platform tells of the person.
    pub profile: PersonProfile,
    /// The number in the institution's own records.
    pub sourced_id: Option<String>,
    /// The role URIs, or their short forms.
    pub roles: Vec<String>,
    /// Whether the person takes part.
    pub status: MemberStatus,
}

impl Member {
    /// Spec: NRPS 2.0 §2.2. `None` without the person's identifier, or with one that no launch could bring.
    fn read(value: &Value) -> Option<Self> {
        let identifier = |name: &str| Some(Identifier::read(value.get(name)).ok()??.into_text());
        let user_id = identifier("user_id")?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).and_then(tidy);
        let picture = text("picture").and_then(|url| Url::parse(&url).ok());
        Some(Self {
            user_id,
            profile: PersonProfile {
                name: person_name(text("name"), [text("given_name"), text("family_name")]),
                picture: picture.filter(|url| url.scheme() == "https"),
                locale: None,
            },
            sourced_id: identifier("lis_person_sourcedid").as_deref().and_then(tidy),
            roles: roles(value.get("roles")),
            status: MemberStatus::read(value.get("status").and_then(Value::as_str)),
        })
    }
}

fn roles(value: Option<&Value>) -> Vec<String> {
    let listed = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let fitting =
        listed.iter().filter_map(Value::as_str).filter(|role| role.len() <= MAX_ROLE && is_storable(role));
    fitting.take(MAX_ROLES).map(str::to_owned).collect()
}

/// One page of a list of members.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MemberPage {
    /// The members.
    pub members: Vec<Member>,
    /// Elements that name no person.
    pub skipped: usize,
    /// The address of the next page.
    ///
    /// Quirk: lti1p3platform writes it into the body instead of a `Link` header.
    pub next: Option<String>,
}

impl MemberPage {
    /// Reads a page.
    ///
    /// Errors: no JSON, or JSON without a list of members.
    pub fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        let container: Container = serde_json::from_slice(body)?;
        container.0.ok_or_else(|| serde::de::Error::custom("no list of members"))
    }

    /// Whether nobody is on it, and nothing behind it.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.next.is_none()
    }
}

/// An object with members.
struct Container(Option<MemberPage>);

impl<'de> Deserialize<'de> for Container {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContainerVisitor).map(Self)
    }
}

struct ContainerVisitor;

impl<'de> Visitor<'de> for ContainerVisitor {
    type Value = Option<MemberPage>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut next) = (None, None);
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "members" => found = Some(object.next_value::<MembersField>()?.0),
                "next" => next = object.next_value::<Value>()?.as_str().map(str::to_owned),
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found.map(|page| MemberPage { next, ..page }))
    }
}

/// The list, read element by element: what is no member is gone before the next one comes.
struct MembersField(MemberPage);

impl<'de> Deserialize<'de> for MembersField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor).map(Self)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = MemberPage;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of members")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<MemberPage, A::Error> {
        let mut page = MemberPage::default();
        while page.members.len() + page.skipped < MAX_ON_A_PAGE {
            let Some(element) = elements.next_element::<Value>()? else { return Ok(page) };
            match Member::read(&element) {
                Some(member) => page.members.push(member),
                None => page.skipped += 1,
            }
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {
            page.skipped += 1;
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn one(member: &Value) -> Option<Member> {
        let page = MemberPage::parse(json!({ "members": [member] }).to_string().as_bytes()).unwrap();
        assert_eq!(page.members.len() + page.skipped, 1);
        page.members.into_iter().next()
    }

    #[test]
    fn a_member_as_moodle_sends_one() {
        let member = one(&json!({
            "status": "Active", "roles": ["Learner"], "user_id": "5", "lis_person_sourcedid": "MAT-201",
            "name": "Stu Dent-Öne", "given_name": "Stu", "family_name": "Dent-Öne", "email": "s@example.test",
            "message": [{ "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest" }],
        }))
        .unwrap();
        assert_eq!((member.user_id.as_str(), member.profile.name.as_deref()), ("5", Some("Stu Dent-Öne")));
        assert_eq!((member.roles, member.status), (vec!["Learner".to_owned()], MemberStatus::Active));
        assert_eq!(member.sourced_id.as_deref(), Some("MAT-201"));
    }

    #[test]
    fn everything_but_the_person_is_optional() {
        let bare = one(&json!({ "user_id": "5" })).unwrap();
        assert_eq!(
            (bare.profile, bare.roles, bare.status),
            (PersonProfile::default(), vec![], MemberStatus::Active)
        );
        let parts = one(&json!({ "user_id": "5", "given_name": "Stu", "family_name": " Dent " })).unwrap();
        assert_eq!(parts.profile.name.as_deref(), Some("Stu Dent"));
        let numbers = one(&json!({ "user_id": 5, "lis_person_sourcedid": 201 })).unwrap();
        assert_eq!((numbers.user_id.as_str(), numbers.sourced_id.as_deref()), ("5", Some("201")));
        let odd = one(&json!({
            "user_id": "5", "name": 7, "roles": ["Learner", null, 3], "status": 1, "picture": "javascript:x",
        }))
        .unwrap();
        assert_eq!((odd.profile, odd.roles), (PersonProfile::default(), vec!["Learner".to_owned()]));
        for nobody in [
            json!({}),
            json!({ "user_id": "" }),
            json!({ "user_id": true }),
            json!({ "user_id": 5.5 }),
            json!({ "user_id": ["5"] }),
            json!({ "user_id": "a\0b" }),
            json!({ "user_id": "x".repeat(256) }),
            json!(null),
            json!("5"),
        ] {
            assert_eq!(one(&nobody), None, "{nobody}");
        }
    }

    #[test]
    fn the_status_is_read_whatever_its_case() {
        for (word, expected) in [
            ("Active", MemberStatus::Active),
            ("ACTIVE", MemberStatus::Active),
            ("", MemberStatus::Active),
            ("inactive", MemberStatus::Inactive),
            ("Deleted", MemberStatus::Deleted),
            ("suspended", MemberStatus::Inactive),
        ] {
            assert_eq!(one(&json!({ "user_id": "5", "status": word })).unwrap().status, expected, "{word}");
        }
    }

    #[test]
    fn what_is_no_list_of_members_is_refused() {
        for body in
            ["", "[]", "{}", "7", "<html>", "{\"members\":{}}", "{\"members\":[", "{\"members\":null}"]
        {
            assert!(MemberPage::parse(body.as_bytes()).is_err(), "{body}");
        }
        let page =
            MemberPage::parse(b"{\"members\":[],\"next\":\"https://lms.example/2\",\"id\":{}}").unwrap();
        assert_eq!(page.next.as_deref(), Some("https://lms.example/2"));
        assert!(MemberPage::parse("[".repeat(100_000).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = MemberPage::parse(&bytes);
        }

        #[test]
        fn no_member_makes_the_reader_panic(name in ".{0,40}", id in ".{0,300}", role in ".{0,300}", status in ".{0,12}") {
            let body = json!({ "members": [{ "user_id": id, "name": name, "roles": [role], "status": status }, 3] });
            let page = MemberPage::parse(body.to_string().as_bytes()).unwrap();
            prop_assert_eq!(page.members.len() + page.skipped, 2);
            prop_assert!(page.members.iter().all(|one| !one.user_id.contains('\0') && one.user_id.len() <= 255));
        }
    }
}
