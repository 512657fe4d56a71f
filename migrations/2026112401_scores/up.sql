-- What the platform calls itself (tool_platform.product_family_code), and an activity's grade service as its last launch told it.
ALTER TABLE platform ADD COLUMN family TEXT;
ALTER TABLE resource_link ADD COLUMN grade_service TEXT;

-- Whether a stretch is over and its minutes are in the person's score. What was there before marks were sent counts as over.
ALTER TABLE presence ADD COLUMN settled BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX presence_unsettled ON presence (room_id) WHERE NOT settled;

-- The platform's grade column of an activity. url is NULL where it has none, or none is known yet.
CREATE TABLE line_item (
    resource_link_id TEXT PRIMARY KEY NOT NULL REFERENCES resource_link (id),
    url TEXT,
    state TEXT NOT NULL,
    checked_at BIGINT NOT NULL
);

-- What a person's mark should be (minutes, target) and what the gradebook was last told. stamp is the last timestamp sent,
-- in seconds of the platform's clock; refused is the code of the platform's refusal.
CREATE TABLE score (
    id TEXT PRIMARY KEY NOT NULL,
    resource_link_id TEXT NOT NULL REFERENCES resource_link (id),
    user_id TEXT NOT NULL REFERENCES lti_user (id),
    minutes BIGINT NOT NULL,
    target BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    sent_minutes BIGINT,
    sent_target BIGINT,
    sent_at BIGINT,
    stamp BIGINT,
    conflicts BIGINT NOT NULL,
    refused TEXT,
    refused_at BIGINT,
    held TEXT,
    CONSTRAINT score_link_user UNIQUE (resource_link_id, user_id)
);

-- Work that must survive a crash. lease names the process that works at it, until lease_until.
CREATE TABLE job (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    lane TEXT NOT NULL,
    generation BIGINT NOT NULL,
    wanted_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT NOT NULL,
    failed_at BIGINT,
    reason TEXT,
    CONSTRAINT job_kind_subject UNIQUE (kind, subject)
);
CREATE INDEX job_due ON job (lane, due_at);
CREATE INDEX job_leased ON job (lane, lease_until);

-- What shares one outside service: while that is in trouble, its jobs wait together.
CREATE TABLE job_lane (
    lane TEXT PRIMARY KEY NOT NULL,
    paused_until BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    failing_since BIGINT,
    reason TEXT
);
