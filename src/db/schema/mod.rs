//! The tables, in the types that both databases share.

/// A table whose columns may have the types of [`crate::db::columns`] too.
macro_rules! table {
    ($($tokens:tt)*) => { diesel::table! { use crate::db::columns::*; use diesel::sql_types::*; $($tokens)* } };
}

mod operations;

pub use operations::*;

table! {
    /// A registration: a platform's issuer and our client id there.
    platform (id) {
        id -> PlatformId,
        issuer -> Text,
        client_id -> Text,
        name -> Text,
        auth_url -> Text,
        token_url -> Text,
        jwks_url -> Text,
        token_audience -> Nullable<Text>,
        allow_private_network -> Bool,
        status -> Status,
        created_at -> Moment,
        updated_at -> Moment,
        family -> Nullable<Text>,
        allows_anonymous -> Bool,
        legacy_key -> Nullable<Text>,
        legacy_secret -> Nullable<Text>,
        frames -> Text,
        role_rules -> Text,
        proposal -> Nullable<Text>,
        keys_since -> Moment,
        sessions_from -> Moment,
        approves_deployments -> Bool,
        turned_away -> BigInt,
        settings -> Nullable<Text>,
    }
}
table! {
    /// A deployment of the tool at a platform.
    deployment (id) {
        id -> DeploymentId,
        platform_id -> PlatformId,
        deployment_id -> Text,
        status -> Status,
        created_at -> Moment,
        notice_service -> Nullable<Text>,
        admits_administrators -> Bool,
    }
}
table! {
    /// A course or section.
    context (id) {
        id -> ContextId,
        deployment_id -> DeploymentId,
        context_id -> Text,
        label -> Nullable<Text>,
        title -> Nullable<Text>,
        updated_at -> Moment,
        memberships_url -> Nullable<Text>,
        origins -> Nullable<Text>,
        memberships_silence -> Nullable<Text>,
        groups_silence -> Nullable<Text>,
        groups_url -> Nullable<Text>,
        settings -> Nullable<Text>,
        zone -> Nullable<Text>,
    }
}
table! {
    /// What is known of a course's list of participants.
    membership_list (context_id) {
        context_id -> ContextId,
        asked_at -> Moment,
        reading -> Nullable<Text>,
        fetched_at -> Nullable<Moment>,
        resource_link_id -> Nullable<LinkId>,
        is_cut -> Bool,
        skipped -> BigInt,
        trouble -> Nullable<Text>,
        failing_since -> Nullable<Moment>,
    }
}
table! {
    /// Somebody on a course's list of participants.
    listed_member (context_id, reading, sub) {
        context_id -> ContextId,
        reading -> Text,
        sub -> Text,
        name -> Nullable<Text>,
        name_key -> Text,
        roles -> Text,
        status -> MemberStatus,
    }
}
table! {
    /// A meeting place.
    room (id) {
        id -> RoomId,
        server_id -> Nullable<ServerId>,
        jitsi_room -> Text,
        settings -> Text,
        created_at -> Moment,
        context_id -> Nullable<ContextId>,
        title -> Nullable<Text>,
        server_chosen -> Moment,
        schedule -> Nullable<Text>,
    }
}
table! {
    /// A date on which a class takes place.
    occurrence (id) {
        id -> OccurrenceId,
        room_id -> RoomId,
        planned -> Moment,
        begins -> Moment,
        ends -> Moment,
        state -> OccurrenceState,
        note -> Text,
        sequence -> BigInt,
    }
}
table! {
    /// An activity placed in a course.
    resource_link (id) {
        id -> LinkId,
        context_id -> ContextId,
        resource_link_id -> Text,
        title -> Nullable<Text>,
        description -> Nullable<Text>,
        updated_at -> Moment,
        grade_service -> Nullable<Text>,
        grades_silence -> Nullable<Text>,
    }
}
table! {
    /// Which room a resource link (and group) opens.
    room_link (resource_link_id, group_key) {
        resource_link_id -> LinkId,
        group_key -> Text,
        room_id -> RoomId,
    }
}
table! {
    /// What deep linking placed in a course, and the activity that launched it first.
    room_item (id) {
        id -> Text,
        room_id -> RoomId,
        resource_link_id -> Nullable<LinkId>,
    }
}
table! {
    /// An activity that was copied.
    link_copy (resource_link_id) {
        resource_link_id -> LinkId,
        origin_room_id -> RoomId,
        own_room_id -> RoomId,
        answer -> Nullable<CopyAnswer>,
        answered_by -> Nullable<UserId>,
        answered_at -> Nullable<Moment>,
    }
}
table! {
    /// A group of a course.
    course_group (context_id, group_key) {
        context_id -> ContextId,
        group_key -> Text,
        number -> BigInt,
        name -> Nullable<Text>,
        listed -> Bool,
    }
}
table! {
    /// Who is in a group.
    group_member (context_id, user_id, group_key) {
        context_id -> ContextId,
        group_key -> Text,
        user_id -> UserId,
    }
}
table! {
    /// When a course's groups were last asked for.
    group_reading (context_id) {
        context_id -> ContextId,
        asked_at -> Moment,
        trouble -> Nullable<Text>,
    }
}
table! {
    /// A person of a platform.
    lti_user (id) {
        id -> UserId,
        platform_id -> PlatformId,
        sub -> Text,
        pseudonym -> Text,
        name -> Nullable<Text>,
        name_key -> Text,
        picture -> Nullable<Text>,
        locale -> Nullable<Text>,
        status -> Status,
        created_at -> Moment,
        updated_at -> Moment,
        sessions_from -> Moment,
        name_silence -> Nullable<Text>,
        calendar_number -> BigInt,
    }
}
table! {
    /// An activity with dates that a person has opened.
    calendar_entry (user_id, resource_link_id) {
        user_id -> UserId,
        resource_link_id -> LinkId,
    }
}
table! {
    /// A person's number in a course, where their platform tells no name.
    person_number (context_id, sub) {
        context_id -> ContextId,
        sub -> Text,
        number -> BigInt,
    }
}
table! {
    /// A person's roles in a context, as last launched.
    membership (user_id, context_id) {
        user_id -> UserId,
        context_id -> ContextId,
        roles -> Text,
        updated_at -> Moment,
        grouped_at -> Nullable<Moment>,
        sessions_from -> Moment,
        launched_groups -> Nullable<Text>,
    }
}
table! {
    /// A Jitsi installation.
    server (id) {
        id -> ServerId,
        name -> Text,
        kind -> Text,
        url -> Text,
        settings -> Text,
        credentials -> Nullable<Text>,
        status -> ServerStatus,
        created_at -> Moment,
        updated_at -> Moment,
    }
}
table! {
    /// The server of rooms that name none.
    default_server (one) {
        one -> Bool,
        server_id -> ServerId,
    }
}
table! {
    /// What the installation decides about rooms.
    site_settings (one) {
        one -> Bool,
        settings -> Text,
    }
}
table! {
    /// One occurrence of use of a room.
    meeting (id) {
        id -> MeetingId,
        room_id -> RoomId,
        began -> Moment,
        last_seen -> Moment,
        ended -> Nullable<Moment>,
    }
}
table! {
    /// An interval of one meeting page's heartbeats.
    presence (id) {
        id -> Text,
        meeting_id -> MeetingId,
        room_id -> RoomId,
        resource_link_id -> LinkId,
        user_id -> UserId,
        role -> MeetingRole,
        source -> Text,
        visit -> Text,
        joined -> Moment,
        last_seen -> Moment,
        has_left -> Bool,
        settled -> Bool,
    }
}
table! {
    /// A place that is kept for somebody who was let into a room's meeting, until the meeting's page is heard of.
    room_entry (room_id, user_id) {
        room_id -> RoomId,
        user_id -> UserId,
        entered_at -> Moment,
    }
}
table! {
    /// The platform's grade column of an activity.
    line_item (resource_link_id) {
        resource_link_id -> LinkId,
        url -> Nullable<Text>,
        state -> Text,
        checked_at -> Moment,
        gone_url -> Nullable<Text>,
        results_at -> Nullable<Moment>,
    }
}
table! {
    /// A person's score in an activity: as it should be, and as it was sent to the gradebook.
    score (id) {
        id -> Text,
        resource_link_id -> LinkId,
        user_id -> UserId,
        minutes -> BigInt,
        target -> BigInt,
        changed_at -> Moment,
        sent_minutes -> Nullable<BigInt>,
        sent_target -> Nullable<BigInt>,
        sent_at -> Nullable<Moment>,
        stamp -> Nullable<BigInt>,
        conflicts -> BigInt,
        refused -> Nullable<Text>,
        refused_at -> Nullable<Moment>,
        shown_score -> Nullable<Double>,
        shown_maximum -> Nullable<Double>,
        shown_at -> Nullable<Moment>,
    }
}
table! {
    /// Work that must survive a crash.
    job (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        queue -> Text,
        generation -> BigInt,
        wanted_at -> Moment,
        due_at -> Moment,
        attempts -> BigInt,
        lease -> Nullable<Text>,
        lease_until -> Moment,
        failed_at -> Nullable<Moment>,
        reason -> Nullable<Text>,
    }
}
table! {
    /// What shares one outside service.
    job_queue (queue) {
        queue -> Text,
        paused_until -> Moment,
        failures -> BigInt,
        failing_since -> Nullable<Moment>,
        reason -> Nullable<Text>,
        platform -> Text,
        pool -> Pool,
        served_at -> Moment,
    }
}
table! {
    /// A clock of a platform's service that is wrong.
    service_clock (platform_id, host, service) {
        platform_id -> PlatformId,
        host -> Text,
        service -> ServiceKind,
        ahead -> BigInt,
        seen_at -> Moment,
    }
}
table! {
    /// What a platform had of a pool of jobs.
    job_share (platform, pool) {
        platform -> Text,
        pool -> Pool,
        served_at -> Moment,
        since -> Moment,
        spent -> BigInt,
    }
}

diesel::joinable!(deployment -> platform (platform_id));
diesel::joinable!(context -> deployment (deployment_id));
diesel::joinable!(membership_list -> context (context_id));
diesel::joinable!(listed_member -> context (context_id));
diesel::joinable!(resource_link -> context (context_id));
diesel::joinable!(room_link -> resource_link (resource_link_id));
diesel::joinable!(room_link -> room (room_id));
diesel::joinable!(room_item -> room (room_id));
diesel::joinable!(link_copy -> resource_link (resource_link_id));
diesel::joinable!(course_group -> context (context_id));
diesel::joinable!(group_member -> context (context_id));
diesel::joinable!(lti_user -> platform (platform_id));
diesel::joinable!(membership -> lti_user (user_id));
diesel::joinable!(membership -> context (context_id));
diesel::joinable!(person_number -> context (context_id));
diesel::joinable!(default_server -> server (server_id));
diesel::joinable!(presence -> meeting (meeting_id));
diesel::joinable!(presence -> resource_link (resource_link_id));
diesel::joinable!(presence -> lti_user (user_id));
diesel::joinable!(score -> resource_link (resource_link_id));
diesel::joinable!(score -> lti_user (user_id));
diesel::joinable!(line_item -> resource_link (resource_link_id));
diesel::allow_tables_to_appear_in_same_query! {
    platform, deployment, context, membership_list, listed_member, room, resource_link, room_link,
    room_item, person_number, link_copy, course_group, group_member, group_reading, lti_user, membership,
    site_settings, room_entry, occurrence, calendar_entry, server, default_server, meeting, presence, line_item, score, job, job_queue, job_share, service_clock,
}
