//! The platform's gradebook of an activity: whether there is one, and which of its columns is the activity's.

pub mod store;

use url::Url;

use crate::lti::ags::{Activity, GradeService};
use crate::rooms::settings::{MarksPolicy, RoomSettings};

/// The platform's grade column of an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The platform is being asked.
    Looking,
    /// The launch named it.
    Told(Url),
    /// We found or made it.
    Found(Url),
    /// There is none.
    None,
}

impl Column {
    /// Its address.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Told(url) | Self::Found(url) => Some(url),
            Self::Looking | Self::None => None,
        }
    }
}

/// What a launch's offer of the gradebook calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// This is the column.
    Use(Url),
    /// The platform must be asked for the column.
    Look,
    /// What is known stays true.
    Keep,
    /// There is none.
    Forget,
}

/// What to do about the column of an activity when a launch offers the gradebook otherwise than the launch before.
///
/// Quirk: platforms name a column only when there is exactly one, and Moodle does not name those that tools made; so
/// one that we found stays ours while the gradebook is at the same address.
pub fn plan(known: &Column, before: Option<&GradeService>, offered: Option<&GradeService>) -> Plan {
    let Some(offered) = offered else { return Plan::Forget };
    if let Some(url) = &offered.lineitem {
        return Plan::Use(url.clone());
    }
    if !offered.may_find() {
        return Plan::Forget;
    }
    let same_place = before.is_some_and(|before| before.lineitems == offered.lineitems);
    match known {
        Column::Found(_) if same_place => Plan::Keep,
        _ => Plan::Look,
    }
}

/// How marks of an activity stand with the gradebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They go there.
    Ready,
    /// The teacher switched that off.
    Off,
    /// The platform is being asked for the column.
    Looking,
    /// The platform has no column for the activity.
    NotGraded,
    /// The platform does not let this tool write marks.
    NotOffered,
}

impl Standing {
    /// The word in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Off => "off",
            Self::Looking => "looking",
            Self::NotGraded => "not-graded",
            Self::NotOffered => "not-offered",
        }
    }
}

/// An activity's gradebook, as known now.
#[derive(Clone, Debug)]
pub struct Gradebook {
    /// Our identifier of the resource link.
    pub link: String,
    /// The activity, in the platform's words.
    pub activity: Activity,
    /// Our identifier of the deployment.
    pub deployment: String,
    /// Our identifier of the platform.
    pub platform: String,
    /// What the platform offers.
    pub service: Option<GradeService>,
    /// The grade column.
    pub column: Column,
    /// What the teacher decided.
    pub settings: RoomSettings,
}

impl Gradebook {
    /// What everybody shares who asks this gradebook.
    pub fn lane(&self) -> Option<String> {
        self.service.as_ref().map(|service| format!("{} {}", self.platform, service.host()))
    }

    /// How marks stand with it.
    pub fn standing(&self) -> Standing {
        let offered = self.service.as_ref().is_some_and(GradeService::may_score);
        match (&self.column, self.settings.marks) {
            _ if !offered => Standing::NotOffered,
            (_, MarksPolicy::Never) => Standing::Off,
            (Column::Looking, _) => Standing::Looking,
            (Column::None, _) => Standing::NotGraded,
            (Column::Told(_) | Column::Found(_), _) => Standing::Ready,
        }
    }

    /// Whether the teacher may have a column made.
    pub fn may_make(&self) -> bool {
        self.service.as_ref().is_some_and(GradeService::may_make)
    }
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
        let column = "https://lms.example/l/7";
        let told = offer(Some(column), here, &["score"]);
        let untold = offer(None, here, &["score", "lineitem.readonly"]);
        let moved = offer(None, there, &["score", "lineitem"]);
        let blind = offer(None, here, &["score"]);
        let found = Column::Found(url(column));
        for (known, before, offered, expected) in [
            (&Column::None, None, None, Plan::Forget),
            (&Column::None, None, Some(&told), Plan::Use(url(column))),
            (&found, Some(&untold), Some(&told), Plan::Use(url(column))),
            (&Column::None, None, Some(&untold), Plan::Look),
            (&Column::None, None, Some(&blind), Plan::Forget),
            (&found, Some(&untold), Some(&untold), Plan::Keep),
            (&found, Some(&untold), Some(&moved), Plan::Look),
            (&found, Some(&untold), None, Plan::Forget),
            (&Column::Told(url(column)), Some(&told), Some(&untold), Plan::Look),
            (&Column::Looking, Some(&untold), Some(&untold), Plan::Look),
        ] {
            assert_eq!(plan(known, before, offered), expected, "{known:?} {before:?} {offered:?}");
        }
    }
}
