//! The platform's gradebook of an activity: whether there is one, and which of its columns is the activity's.

pub mod store;

use std::time::Duration;

use url::Url;

use crate::clock::Timestamp;
use crate::ids::{DeploymentId, LinkId, PlatformId};
use crate::jobs::Pool;
use crate::lti::services::ags::GradeService;
use crate::lti::services::line_item::Activity;
use crate::rooms::rules::{GradePolicy, RoomRules};

/// A platform that had no line item is not asked again before.
const SEARCHED_AGAIN: Duration = Duration::from_secs(10 * 60);
/// What a gradebook shows is not read again before.
const RESULTS_FRESH: Duration = Duration::from_secs(5 * 60);

/// The platform's grade line item of an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineItem {
    /// The platform is being asked.
    Pending,
    /// The launch named it.
    Declared(Url),
    /// We found or made it.
    Discovered(Url),
    /// There is none.
    None,
}

impl LineItem {
    /// Its address.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Declared(url) | Self::Discovered(url) => Some(url),
            Self::Pending | Self::None => None,
        }
    }
}

/// What a launch's offer of the gradebook calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineItemPlan {
    /// This is the line item.
    Use(Url),
    /// The platform must be asked for the line item.
    Look,
    /// What is known stays true.
    Keep,
    /// There is none.
    Forget,
}

/// What to do about the line item of an activity when a launch offers the gradebook otherwise than the launch before.
///
/// Quirk: platforms name a line item only when there is exactly one, and Moodle does not name those that tools made; so
/// one that we found stays ours while the gradebook is at the same address. A launch may name one for years that the
/// gradebook deleted (`gone`).
pub fn plan(
    known: &LineItem,
    gone: Option<&Url>,
    before: Option<&GradeService>,
    offered: Option<&GradeService>,
) -> LineItemPlan {
    let Some(offered) = offered else { return LineItemPlan::Forget };
    if let Some(url) = offered.lineitem.as_ref().filter(|url| gone != Some(url) || !offered.may_find()) {
        return LineItemPlan::Use(url.clone());
    }
    if !offered.may_find() {
        return LineItemPlan::Forget;
    }
    let same_place = before.is_some_and(|before| before.lineitems == offered.lineitems);
    match known {
        LineItem::Discovered(_) if same_place => LineItemPlan::Keep,
        _ => LineItemPlan::Look,
    }
}

/// How grades of an activity stand with the gradebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// They go there.
    Ready,
    /// The teacher switched that off.
    Off,
    /// The platform is being asked for the line item.
    Pending,
    /// The platform has no line item for the activity.
    NotGraded,
    /// The platform does not let this tool write grades.
    NotOffered,
}

impl SyncState {
    /// The word in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Off => "off",
            Self::Pending => "looking",
            Self::NotGraded => "not-graded",
            Self::NotOffered => "not-offered",
        }
    }
}

/// An activity's gradebook, as known now.
#[derive(Clone, Debug)]
pub struct Gradebook {
    /// Our identifier of the resource link.
    pub link: LinkId,
    /// The activity, in the platform's words.
    pub activity: Activity,
    /// Our identifier of the deployment.
    pub deployment: DeploymentId,
    /// Our identifier of the platform.
    pub platform: PlatformId,
    /// What the platform offers.
    pub service: Option<GradeService>,
    /// The grade line item.
    pub line_item: LineItem,
    /// What the teacher decided.
    pub rules: RoomRules,
    /// When the platform was last asked for the line item.
    pub checked_at: Option<Timestamp>,
    /// When the platform was last asked what the line item shows.
    pub results_at: Option<Timestamp>,
}

impl Gradebook {
    /// What everybody shares who asks this gradebook.
    pub fn queue(&self) -> Option<String> {
        self.service.as_ref().map(|service| Pool::Grades.queue(self.platform, &service.host()))
    }

    /// How grades stand with it.
    pub fn sync_state(&self) -> SyncState {
        let offered = self.service.as_ref().is_some_and(GradeService::may_score);
        match (&self.line_item, self.rules.grades) {
            _ if !offered => SyncState::NotOffered,
            (_, GradePolicy::Never) => SyncState::Off,
            (LineItem::Pending, _) => SyncState::Pending,
            (LineItem::None, _) => SyncState::NotGraded,
            (LineItem::Declared(_) | LineItem::Discovered(_), _) => SyncState::Ready,
        }
    }

    /// Whether the platform should be asked for a line item once more, now that a teacher looks: what it refused, or did not
    /// have, it may have by now.
    pub fn is_search_due(&self, now: Timestamp) -> bool {
        let may_find = self.service.as_ref().is_some_and(GradeService::may_find);
        self.sync_state() == SyncState::NotGraded && may_find && is_old(self.checked_at, SEARCHED_AGAIN, now)
    }

    /// Whether the platform may be asked what the line item shows.
    pub fn may_read_results(&self) -> bool {
        self.sync_state() == SyncState::Ready
            && self.service.as_ref().is_some_and(GradeService::may_read_results)
    }

    /// Whether it should be, now that a teacher looks.
    pub fn are_results_due(&self, now: Timestamp) -> bool {
        self.may_read_results() && is_old(self.results_at, RESULTS_FRESH, now)
    }

    /// Whether the teacher may have a line item made.
    pub fn may_make(&self) -> bool {
        self.service.as_ref().is_some_and(GradeService::may_make)
    }
}

fn is_old(last: Option<Timestamp>, age: Duration, now: Timestamp) -> bool {
    last.is_none_or(|last| now.since(last) >= age || last > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn offer(lineitem: Option<&str>, lineitems: &str, scopes: &[&str]) -> GradeService {
        GradeService {
            lineitem: lineitem.map(url),
            lineitems: Some(url(lineitems)),
            scopes: scopes
                .iter()
                .map(|scope| format!("https://purl.imsglobal.org/spec/lti-ags/scope/{scope}"))
                .collect(),
        }
    }

    #[test]
    fn the_launch_names_the_column_or_the_platform_is_asked() {
        let (here, there) = ("https://lms.example/l", "https://new.example/l");
        let line_item = "https://lms.example/l/7";
        let received = offer(Some(line_item), here, &["score"]);
        let unnamed = offer(None, here, &["score", "lineitem.readonly"]);
        let moved = offer(None, there, &["score", "lineitem"]);
        let blind = offer(None, here, &["score"]);
        let found = LineItem::Discovered(url(line_item));
        for (known, before, offered, expected) in [
            (&LineItem::None, None, None, LineItemPlan::Forget),
            (&LineItem::None, None, Some(&received), LineItemPlan::Use(url(line_item))),
            (&found, Some(&unnamed), Some(&received), LineItemPlan::Use(url(line_item))),
            (&LineItem::None, None, Some(&unnamed), LineItemPlan::Look),
            (&LineItem::None, None, Some(&blind), LineItemPlan::Forget),
            (&found, Some(&unnamed), Some(&unnamed), LineItemPlan::Keep),
            (&found, Some(&unnamed), Some(&moved), LineItemPlan::Look),
            (&found, Some(&unnamed), None, LineItemPlan::Forget),
            (&LineItem::Declared(url(line_item)), Some(&received), Some(&unnamed), LineItemPlan::Look),
            (&LineItem::Pending, Some(&unnamed), Some(&unnamed), LineItemPlan::Look),
        ] {
            assert_eq!(plan(known, None, before, offered), expected, "{known:?} {before:?} {offered:?}");
        }
        // The gradebook deleted the line item that launches name.
        let named = offer(Some(line_item), here, &["score", "lineitem.readonly"]);
        let (gone, other) = (url(line_item), url("https://lms.example/l/8"));
        for (known, gone, offered, expected) in [
            (&LineItem::None, &gone, &named, LineItemPlan::Look),
            (&LineItem::Discovered(other.clone()), &gone, &named, LineItemPlan::Keep),
            (&LineItem::Discovered(other.clone()), &other, &named, LineItemPlan::Use(gone.clone())),
            (&LineItem::None, &gone, &received, LineItemPlan::Use(gone.clone())),
        ] {
            assert_eq!(plan(known, Some(gone), Some(offered), Some(offered)), expected, "{known:?} {gone}");
        }
    }
}
