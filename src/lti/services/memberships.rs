//! The list of a course's participants (Names and Role Provisioning Services): which one a launch offers, and reading it
//! page by page.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use serde::{Deserialize, Serialize};
use url::Url;

use super::access::Access;
use super::client::Services;
use super::failure::{ServiceError, ServiceFailure};
use super::link_header::{Next, next_in_body, next_of};
use super::member::{Member, MemberPage};
use crate::lti::claims::Claims;
use crate::outbound::{Request, Response};

/// What an access token must allow.
///
/// Spec: NRPS 2.0 §3.3: the claim lists no scopes, so this one is asked for where the claim is there.
pub const SCOPE: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
const CONTAINER: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";
const MAX_URL: usize = 2_000;
/// Members that one page should have; platforms send as many as they like.
const ASKED_AT_ONCE: &str = "500";
const MAX_PAGE: usize = 4 * 1024 * 1024;
const MAX_PAGES: usize = 1_000;
/// Nobody reads a longer list: it is cut here.
pub const MAX_MEMBERS: usize = 50_000;
/// Pages in a row that bring nobody new: a list that goes round.
const MAX_IDLE_PAGES: usize = 3;

/// The list of participants as a launch offers it.
///
/// Spec: NRPS 2.0 §3.6.1.1. Trust: from a verified launch; the address is asked through the guarded client alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipService {
    /// The list.
    pub memberships: Url,
}

impl MembershipService {
    /// The service that a launch offers; `None` when it offers none that can be used.
    pub fn read(claims: &Claims, may_ask: impl Fn(&Url) -> bool) -> Option<Self> {
        let text = claims.membership_service("context_memberships_url")?.as_str()?;
        let memberships = Url::parse(text.trim()).ok().filter(|url| url.as_str().len() <= MAX_URL)?;
        may_ask(&memberships).then_some(Self { memberships })
    }
}

/// A list of participants that is being read.
pub struct MembershipReader<'a> {
    services: &'a Services,
    access: &'a Access,
    /// Where to go on; `None` at the end.
    next: Option<Url>,
    /// Where the list begins for those who refuse what we add to the address; `None` after the first page.
    plain: Option<Url>,
    is_narrowed: bool,
    progress: Progress,
}

impl<'a> MembershipReader<'a> {
    /// The list at `memberships`; `link` narrows it to those who may open that activity.
    pub fn new(services: &'a Services, access: &'a Access, memberships: &Url, link: Option<&str>) -> Self {
        Self {
            services,
            access,
            next: Some(first_page(memberships, link)),
            plain: Some(memberships.clone()),
            is_narrowed: link.is_some(),
            progress: Progress::default(),
        }
    }

    /// The next members, without those that came before; `None` at the end of the list.
    ///
    /// Spec: NRPS 2.0 §2.4. Errors: no answer, or one that nobody can read; a list that leads astray or in a circle.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Member>>, ServiceFailure> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let (url, answer) = self.ask(url).await?;
        let page = MemberPage::parse(&answer.body).map_err(|error| ServiceFailure::garbled(&error))?;
        let next = match (next_of(&answer, &url), &page.next) {
            (Next::None, Some(address)) => next_in_body(address, &url),
            (next, _) => next,
        };
        let (members, next) = self.progress.take(page, &url, next)?;
        self.next = next;
        Ok(Some(members))
    }

    /// Whether the platform took the activity that the list was to be narrowed to.
    pub fn is_narrowed(&self) -> bool {
        self.is_narrowed
    }

    /// Whether the list was longer than what was read of it.
    pub fn is_cut(&self) -> bool {
        self.progress.is_cut
    }

    /// Elements that named no person.
    pub fn skipped(&self) -> usize {
        self.progress.skipped
    }

    /// Quirk: a platform that refuses what we add to the address, or finds nobody with it, is asked for the plain list.
    async fn ask(&mut self, url: Url) -> Result<(Url, Response), ServiceFailure> {
        let answer = self.fetch(&url).await;
        let Some(plain) = self.plain.take() else { return answer.map(|answer| (url, answer)) };
        let is_nothing = match &answer {
            Ok(answer) => MemberPage::parse(&answer.body).is_ok_and(|page| page.is_empty()),
            Err(failure) => failure.is_denial(),
        };
        if !is_nothing {
            return answer.map(|answer| (url, answer));
        }
        self.is_narrowed = false;
        let answer = self.fetch(&plain).await?;
        Ok((plain, answer))
    }

    async fn fetch(&self, url: &Url) -> Result<Response, ServiceFailure> {
        let request = Request::get(url).accepting(CONTAINER);
        self.services.call(self.access, request, MAX_PAGE).await.map_err(read_failure)
    }
}

/// Quirk: whoever says 403 does not want us to see the list, until an administrator allows it.
fn read_failure(failure: ServiceFailure) -> ServiceFailure {
    match (failure.error, failure.status) {
        (ServiceError::Error, Some(403)) => ServiceFailure { error: ServiceError::TokenRefused, ..failure },
        _ => failure,
    }
}

/// Spec: NRPS 2.0 §2.3 (`limit`), §3.2 (`rlid`): added to whatever query the address has.
fn first_page(memberships: &Url, link: Option<&str>) -> Url {
    let mut url = memberships.clone();
    let has_limit = memberships.query_pairs().any(|(name, _)| name == "limit");
    let mut query = url.query_pairs_mut();
    if let Some(link) = link {
        query.append_pair("rlid", link);
    }
    if !has_limit {
        query.append_pair("limit", ASKED_AT_ONCE);
    }
    drop(query);
    // An untouched builder leaves a question grade behind.
    if url.query() == Some("") {
        url.set_query(None);
    }
    url
}

/// What is remembered of the pages so far: bounded, however long the list is.
#[derive(Default)]
struct Progress {
    pages: usize,
    idle: usize,
    skipped: usize,
    is_cut: bool,
    asked: HashSet<Url>,
    /// Hashes of the people so far, by a key of this process: nobody outside can make two alike.
    people: HashSet<u64>,
    hasher: RandomState,
}

impl Progress {
    /// The members of a page that are new, and where the list goes on.
    fn take(
        &mut self,
        page: MemberPage,
        asked: &Url,
        next: Next,
    ) -> Result<(Vec<Member>, Option<Url>), ServiceFailure> {
        self.pages += 1;
        self.skipped = self.skipped.saturating_add(page.skipped);
        self.asked.insert(asked.clone());
        let room = MAX_MEMBERS.saturating_sub(self.people.len());
        let is_new = |one: &Member| self.people.insert(self.hasher.hash_one(&one.user_id));
        let mut fresh: Vec<Member> = page.members.into_iter().filter(is_new).collect();
        self.is_cut = fresh.len() > room;
        fresh.truncate(room);
        self.idle = if fresh.is_empty() { self.idle + 1 } else { 0 };
        let is_full = self.people.len() >= MAX_MEMBERS;
        match next {
            Next::None => Ok((fresh, None)),
            Next::Astray => Err(ServiceFailure::garbled(&"the next page is somewhere else")),
            Next::Page(_) if is_full || self.pages >= MAX_PAGES => {
                self.is_cut = true;
                Ok((fresh, None))
            }
            Next::Page(url) if self.asked.contains(&url) || self.idle >= MAX_IDLE_PAGES => {
                Err(ServiceFailure::garbled(&format_args!("the list goes round after {} pages", self.pages)))
            }
            Next::Page(url) => Ok((fresh, Some(url))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lti::families::Family;
    use crate::outbound::{NetworkPolicy, check_url};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn offered(claim: &str) -> Option<MembershipService> {
        let name = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
        let payload = format!("{{\"{name}\": {claim}}}");
        MembershipService::read(&Claims::parse(payload.as_bytes()).unwrap(), |url| {
            check_url(url, NetworkPolicy::Public).is_ok()
        })
    }

    fn page(people: std::ops::Range<usize>) -> MemberPage {
        let members: Vec<_> = people.map(|n| json!({ "user_id": n.to_string() })).collect();
        MemberPage::parse(json!({ "members": members }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_a_launch_offers_is_checked() {
        let good = offered(
            "{\"context_memberships_url\":\"https://lms.example/m?a=b\",\"service_versions\":[\"2.0\"]}",
        );
        assert_eq!(good.unwrap().memberships, url("https://lms.example/m?a=b"));
        let long = format!("{{\"context_memberships_url\":\"https://lms.example/{}\"}}", "x".repeat(MAX_URL));
        for claim in [
            "null",
            "7",
            "{}",
            "{\"context_memberships_url\":\"\"}",
            "{\"context_memberships_url\":7}",
            "{\"context_memberships_url\":\"/m\"}",
            "{\"context_memberships_url\":\"http://lms.example/m\"}",
            "{\"context_memberships_url\":\"https://127.0.0.1/m\"}",
            long.as_str(),
        ] {
            assert_eq!(offered(claim), None, "{claim}");
        }
    }

    #[test]
    fn an_address_may_have_a_query_already() {
        for (memberships, link, expected) in [
            ("https://lms.example/m", None, "https://lms.example/m?limit=500"),
            ("https://lms.example/m?a=b", Some("l 1&"), "https://lms.example/m?a=b&rlid=l+1%26&limit=500"),
            ("https://lms.example/m?limit=9", Some("1"), "https://lms.example/m?limit=9&rlid=1"),
            ("https://lms.example/m?limit=9", None, "https://lms.example/m?limit=9"),
        ] {
            assert_eq!(first_page(&url(memberships), link).as_str(), expected);
        }
    }

    #[test]
    fn nobody_is_listed_twice() {
        let mut progress = Progress::default();
        let next = url("https://lms.example/m?p=2");
        let asked = url("https://lms.example/m");
        let (first, on) = progress.take(page(0..10), &asked, Next::Page(next.clone())).unwrap();
        assert_eq!((first.len(), on), (10, Some(next.clone())));
        let (second, on) = progress.take(page(5..12), &next, Next::None).unwrap();
        assert_eq!((second.len(), on, progress.is_cut), (2, None, false));
    }

    #[test]
    fn a_list_that_leads_astray_or_in_a_circle_is_trouble() {
        let (here, there) = (url("https://lms.example/m"), url("https://lms.example/m?p=2"));
        let mut progress = Progress::default();
        assert!(progress.take(page(0..1), &here, Next::Astray).is_err());
        let mut progress = Progress::default();
        assert!(progress.take(page(0..1), &here, Next::Page(there.clone())).is_ok());
        assert!(progress.take(page(1..2), &there, Next::Page(here.clone())).is_err());
        let mut progress = Progress::default();
        assert!(progress.take(page(0..1), &here, Next::Page(here.clone())).is_err());
        // Ever new addresses, and nobody new behind them.
        let mut progress = Progress::default();
        let round = |n: usize| url(&format!("https://lms.example/m?p={n}"));
        let failed =
            (0..100).position(|n| progress.take(page(0..5), &round(n), Next::Page(round(n + 1))).is_err());
        assert_eq!(failed, Some(MAX_IDLE_PAGES));
    }

    #[test]
    fn a_list_without_end_is_cut() {
        let mut progress = Progress::default();
        let at = |n: usize| url(&format!("https://lms.example/m?p={n}"));
        let (mut read, mut pages) = (0, 0);
        for n in 0.. {
            let (fresh, next) =
                progress.take(page(n * 1_100..(n + 1) * 1_100), &at(n), Next::Page(at(n + 1))).unwrap();
            (read, pages) = (read + fresh.len(), pages + 1);
            if next.is_none() {
                break;
            }
        }
        assert_eq!((read, pages, progress.is_cut), (MAX_MEMBERS, 46, true));
        let mut small = Progress::default();
        let end = (0..)
            .position(|n| small.take(page(n..n + 1), &at(n), Next::Page(at(n + 1))).unwrap().1.is_none());
        assert_eq!((end, small.is_cut), (Some(MAX_PAGES - 1), true));
    }

    #[test]
    fn an_answer_that_is_no_page_has_its_trouble() {
        let canvas = Family::of(Some("canvas"), "https://lms.example/m");
        let strict = Family::of(None, "https://lms.example/m");
        for (family, status, body, expected) in [
            (strict, 401, "", ServiceError::TokenRefused),
            (strict, 403, "", ServiceError::TokenRefused),
            (canvas, 403, "403 Forbidden (Rate Limit Exceeded)", ServiceError::Busy),
            (strict, 404, "", ServiceError::Error),
            (strict, 429, "", ServiceError::Busy),
            (strict, 302, "", ServiceError::Error),
            (strict, 500, "", ServiceError::Error),
        ] {
            assert_eq!(
                read_failure(ServiceFailure::of_answer(family, &Response::of(status, body))).error,
                expected,
                "{status} {body}"
            );
        }
    }
}
