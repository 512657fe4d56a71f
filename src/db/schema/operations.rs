//! The tables of operators and of the service itself, which no query joins with those of classes.

table! {
    /// Our key pairs.
    tool_key (id) {
        id -> Text,
        purpose -> KeyPurpose,
        kid -> Text,
        private_key -> Text,
        public_key -> Text,
        status -> Text,
        created_at -> Moment,
        signs_from -> Moment,
        generation -> BigInt,
    }
}
table! {
    /// What became of each launch.
    launch_log (id) {
        id -> Text,
        at -> Moment,
        platform_id -> Nullable<PlatformId>,
        deployment_id -> Nullable<Text>,
        pseudonym -> Nullable<Text>,
        outcome -> Text,
        passed -> Text,
        detail -> Nullable<Text>,
        request_id -> Text,
        claimed_deployment -> Nullable<Text>,
    }
}
table! {
    /// How often launches that nobody proved were refused.
    launch_refusal (platform_id, outcome) {
        platform_id -> Text,
        outcome -> Text,
        count -> BigInt,
        first_at -> Moment,
        last_at -> Moment,
    }
}
table! {
    /// Who tried to come in without a registration.
    unregistered_launch (code, issuer, client_id) {
        code -> Text,
        issuer -> Text,
        client_id -> Text,
        count -> BigInt,
        first_at -> Moment,
        last_at -> Moment,
    }
}
table! {
    /// A one-time way into the administrator's pages.
    admin_link (id) {
        id -> Text,
        secret_hash -> Text,
        made_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}
table! {
    /// Lets one platform register itself, once.
    invitation (id) {
        id -> Text,
        secret_hash -> Text,
        note -> Text,
        allow_private_network -> Bool,
        made_by -> Text,
        made_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        platform_id -> Nullable<PlatformId>,
        sealed_secret -> Nullable<Text>,
    }
}
table! {
    /// What administrators did, or were refused.
    audit_event (id) {
        id -> Text,
        at -> Moment,
        who -> Text,
        action -> Text,
        subject -> Text,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        outcome -> Text,
    }
}
table! {
    /// A session of administration that is not over.
    admin_session (id) {
        id -> Text,
        who -> Text,
        scope -> Text,
        began -> Moment,
        last_seen -> Moment,
        ends -> Moment,
    }
}
table! {
    /// How often somebody was refused what, on which day, beyond the refusals that are audit events.
    audit_refusal (who, action, day) {
        who -> Text,
        action -> Text,
        day -> BigInt,
        count -> BigInt,
        last_at -> Moment,
        last_subject -> Text,
    }
}
table! {
    write_probe (id) {
        id -> BigInt,
        written_at -> Moment,
    }
}
