//! Queries of what launches tell of courses, activities and people.

use diesel::prelude::*;

use super::{Recalled, Silence, Speaker};
use crate::clock::Timestamp;
use crate::db::schema::{context, lti_user, resource_link};
use crate::db::{DbError, Tx};
use crate::grades;
use crate::ids::{ContextId, LinkId, UserId};
use crate::lti::launch::message::{Message, ResourceLink, VerifiedLaunch};
use crate::lti::person::PersonProfile;
use crate::lti::registration::platform::Status;
use crate::lti::services::ags::GradeService;
use crate::on_each_backend;

/// A launch, and when it came.
#[derive(Clone, Copy)]
pub struct Hearing<'a> {
    /// The launch.
    pub launch: &'a VerifiedLaunch,
    /// The present moment.
    pub now: Timestamp,
}

impl Hearing<'_> {
    /// Returns whose silence about services this is.
    ///
    /// Quirk: Moodle offers no list of participants while classes are chosen: only launches of activities count.
    fn of_services(self) -> Speaker {
        match self.launch.message {
            Message::ResourceLink(_) if self.launch.rights().moderates() => Speaker::Deciding,
            _ => Speaker::Other,
        }
    }

    /// Returns whose silence about a person's name this is: the person's own, whoever that is.
    fn of_name(self) -> Speaker {
        match self.launch.message {
            Message::ResourceLink(_) => Speaker::Deciding,
            _ => Speaker::Other,
        }
    }
}

/// What is stored of a course.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = context)]
pub struct StoredCourse {
    /// Our identifier.
    pub id: ContextId,
    label: Option<String>,
    title: Option<String>,
    memberships_url: Option<String>,
    memberships_silence: Option<String>,
    /// The course's groups service.
    pub groups_url: Option<String>,
    groups_silence: Option<String>,
}

impl StoredCourse {
    /// Returns the course as it is known after a launch.
    pub fn after(&self, hearing: Hearing<'_>) -> Self {
        let (launch, speaker) = (hearing.launch, hearing.of_services());
        let memberships = launch.membership_service.as_ref().map(|service| service.memberships.to_string());
        let groups = launch.group_service.as_ref().map(|service| service.groups.to_string());
        let memberships = known(self.memberships_url.as_ref(), self.memberships_silence.as_deref())
            .after_single(memberships, speaker, hearing.now);
        let groups = known(self.groups_url.as_ref(), self.groups_silence.as_deref()).after_single(
            groups,
            speaker,
            hearing.now,
        );
        Self {
            id: self.id,
            label: launch.context.label.clone().or_else(|| self.label.clone()),
            title: launch.context.title.clone().or_else(|| self.title.clone()),
            memberships_url: memberships.value,
            memberships_silence: memberships.silence.map(Silence::text),
            groups_url: groups.value,
            groups_silence: groups.silence.map(Silence::text),
        }
    }
}

fn known(value: Option<&String>, silence: Option<&str>) -> Recalled<String> {
    Recalled { value: value.cloned(), silence: silence.and_then(Silence::parse) }
}

/// A course at a launch.
pub struct CourseAtLaunch {
    /// As it is stored now.
    pub course: StoredCourse,
    /// Whether its list of participants is offered otherwise than before.
    pub are_memberships_news: bool,
}

/// Stores what a launch tells of its course.
pub fn save_course(tx: &mut Tx<'_>, hearing: Hearing<'_>) -> Result<CourseAtLaunch, DbError> {
    let Hearing { launch, now } = hearing;
    let row =
        context::deployment_id.eq(&launch.deployment.id).and(context::context_id.eq(&launch.context.id));
    let found: Option<StoredCourse> = on_each_backend!(tx.connection, |inner| context::table
        .filter(row)
        .select(StoredCourse::as_select())
        .get_result(inner)
        .optional())?;
    let before = found.clone().unwrap_or_else(|| StoredCourse {
        id: ContextId::new(now, tx.random),
        label: None,
        title: None,
        memberships_url: None,
        memberships_silence: None,
        groups_url: None,
        groups_silence: None,
    });
    let course = before.after(hearing);
    let are_memberships_news = before.memberships_url != course.memberships_url;
    if found.as_ref() == Some(&course) {
        return Ok(CourseAtLaunch { course, are_memberships_news });
    }
    let changing = (
        context::label.eq(&course.label),
        context::title.eq(&course.title),
        context::memberships_url.eq(&course.memberships_url),
        context::memberships_silence.eq(&course.memberships_silence),
        context::groups_url.eq(&course.groups_url),
        context::groups_silence.eq(&course.groups_silence),
        context::updated_at.eq(now),
    );
    let lasting = (
        context::id.eq(&course.id),
        context::deployment_id.eq(&launch.deployment.id),
        context::context_id.eq(&launch.context.id),
    );
    let id: ContextId = on_each_backend!(tx.connection, |inner| diesel::insert_into(context::table)
        .values((lasting, changing))
        .on_conflict((context::deployment_id, context::context_id))
        .do_update()
        .set(changing)
        .returning(context::id)
        .get_result(inner))?;
    Ok(CourseAtLaunch { course: StoredCourse { id, ..course }, are_memberships_news })
}

/// What is stored of an activity.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = resource_link)]
pub struct StoredLink {
    /// Our identifier.
    pub id: LinkId,
    title: Option<String>,
    description: Option<String>,
    grade_service: Option<String>,
    grades_silence: Option<String>,
}

impl StoredLink {
    /// Returns the activity as it is known after a launch.
    pub fn after(&self, link: &ResourceLink, hearing: Hearing<'_>) -> Self {
        let grades = self.grades_after(hearing);
        // An empty description was told: somebody took it away.
        let description = link.description.clone().or_else(|| self.description.clone());
        Self {
            id: self.id,
            title: link.title.clone().or_else(|| self.title.clone()),
            description: description.filter(|text| !text.is_empty()),
            grade_service: grades.value,
            grades_silence: grades.silence.map(Silence::text),
        }
    }

    fn grades_after(&self, hearing: Hearing<'_>) -> Recalled<String> {
        let received = hearing.launch.grade_service.as_ref();
        let text = |service: &GradeService| serde_json::to_string(service).ok();
        let before = self.grade_service.as_deref();
        let known = Recalled {
            value: self.grade_service.clone(),
            silence: self.grades_silence.as_deref().and_then(Silence::parse),
        };
        let received_text = received.and_then(text);
        if received_text.as_deref() == before {
            return Recalled { silence: None, value: received_text };
        }
        // Quirk: a service that another release wrote otherwise counts as none.
        let stored: Option<GradeService> = before.and_then(|stored| serde_json::from_str(stored).ok());
        let whole = match (received, &stored) {
            (Some(received), Some(before)) => text(&received.completed_by(before)),
            (Some(_), None) => received_text.clone(),
            (None, stored) => stored.as_ref().and_then(text),
        };
        known.after(received_text, whole, hearing.of_services(), hearing.now)
    }
}

/// Stores what a launch tells of its activity; answers our identifier of it, and what was known of its gradebook before.
pub fn save_link(
    tx: &mut Tx<'_>,
    link: &ResourceLink,
    context_id: ContextId,
    hearing: Hearing<'_>,
) -> Result<LinkAtLaunch, DbError> {
    let now = hearing.now;
    let row = resource_link::context_id.eq(context_id).and(resource_link::resource_link_id.eq(&link.id));
    let found: Option<StoredLink> = on_each_backend!(tx.connection, |inner| resource_link::table
        .filter(row)
        .select(StoredLink::as_select())
        .get_result(inner)
        .optional())?;
    let before = found.clone().unwrap_or_else(|| StoredLink {
        id: LinkId::new(now, tx.random),
        title: None,
        description: None,
        grade_service: None,
        grades_silence: None,
    });
    let after = before.after(link, hearing);
    let grades_before = before.grade_service;
    let is_grades_news = grades_before != after.grade_service;
    if found.as_ref() == Some(&after) {
        return Ok(LinkAtLaunch { id: after.id, grades_before, is_grades_news });
    }
    let changing = (
        resource_link::title.eq(&after.title),
        resource_link::description.eq(&after.description),
        resource_link::grade_service.eq(&after.grade_service),
        resource_link::grades_silence.eq(&after.grades_silence),
        resource_link::updated_at.eq(now),
    );
    let lasting = (
        resource_link::id.eq(&after.id),
        resource_link::context_id.eq(context_id),
        resource_link::resource_link_id.eq(&link.id),
    );
    let id = on_each_backend!(tx.connection, |inner| diesel::insert_into(resource_link::table)
        .values((lasting, changing))
        .on_conflict((resource_link::context_id, resource_link::resource_link_id))
        .do_update()
        .set(changing)
        .returning(resource_link::id)
        .get_result(inner))?;
    Ok(LinkAtLaunch { id, grades_before, is_grades_news })
}

/// An activity at a launch.
pub struct LinkAtLaunch {
    /// Our identifier.
    pub id: LinkId,
    grades_before: Option<String>,
    is_grades_news: bool,
}

impl LinkAtLaunch {
    /// Looks after the grade line item, where the gradebook is offered otherwise than before. The activity has its room by now.
    pub fn follow_grades(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        if !self.is_grades_news {
            return Ok(());
        }
        grades::store::update_grade_service(tx, self.id, self.grades_before.as_deref())
    }
}

/// What is stored of a person.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = lti_user)]
pub struct StoredPerson {
    /// Our identifier.
    pub id: UserId,
    name: Option<String>,
    name_silence: Option<String>,
    picture: Option<String>,
    locale: Option<String>,
    /// Whether the person may enter.
    pub status: Status,
}

impl StoredPerson {
    /// Returns the person as known after a launch. A launch that names somebody tells the picture too.
    pub fn after(&self, hearing: Hearing<'_>) -> Self {
        let PersonProfile { name, picture, locale } = &hearing.launch.profile;
        let known = known(self.name.as_ref(), self.name_silence.as_deref());
        let known = known.after_single(name.clone(), hearing.of_name(), hearing.now);
        let received = picture.as_ref().map(ToString::to_string);
        let stays = name.is_none() && known.value.is_some();
        Self {
            picture: if stays { received.or_else(|| self.picture.clone()) } else { received },
            name: known.value,
            name_silence: known.silence.map(Silence::text),
            locale: locale.clone().or_else(|| self.locale.clone()),
            id: self.id,
            status: self.status,
        }
    }
}

/// Stores what a launch tells of its person, who is called `sub` at the platform.
pub fn save_person(tx: &mut Tx<'_>, sub: &str, hearing: Hearing<'_>) -> Result<StoredPerson, DbError> {
    let Hearing { launch, now } = hearing;
    let row = lti_user::platform_id.eq(&launch.platform.id).and(lti_user::sub.eq(sub));
    let found: Option<StoredPerson> = on_each_backend!(tx.connection, |inner| lti_user::table
        .filter(row)
        .select(StoredPerson::as_select())
        .get_result(inner)
        .optional())?;
    let before = found.clone().unwrap_or_else(|| StoredPerson {
        id: UserId::new(now, tx.random),
        name: None,
        name_silence: None,
        picture: None,
        locale: None,
        status: Status::Active,
    });
    let after = before.after(hearing);
    if found.as_ref() == Some(&after) {
        return Ok(after);
    }
    let changing = (
        lti_user::name_key.eq(after.name.as_deref().map(str::to_lowercase).unwrap_or_default()),
        lti_user::name.eq(&after.name),
        lti_user::name_silence.eq(&after.name_silence),
        lti_user::picture.eq(&after.picture),
        lti_user::locale.eq(&after.locale),
        lti_user::updated_at.eq(now),
    );
    let lasting = (
        lti_user::id.eq(&after.id),
        lti_user::platform_id.eq(&launch.platform.id),
        lti_user::sub.eq(sub),
        lti_user::pseudonym.eq(tx.random.letters_and_digits(26)),
        lti_user::status.eq(after.status),
        lti_user::created_at.eq(now),
    );
    Ok(on_each_backend!(tx.connection, |inner| diesel::insert_into(lti_user::table)
        .values((lasting, changing.clone()))
        .on_conflict((lti_user::platform_id, lti_user::sub))
        .do_update()
        .set(changing)
        .returning(StoredPerson::as_returning())
        .get_result(inner))?)
}
