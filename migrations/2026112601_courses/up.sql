-- Switches of a registration: launches that name nobody, and ids of LTI 1.1 (legacy_secret is sealed with the row's id).
ALTER TABLE platform ADD COLUMN allows_anonymous BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE platform ADD COLUMN legacy_key TEXT;
ALTER TABLE platform ADD COLUMN legacy_secret TEXT;

-- Where the platform is asked for notices, as its last launch told it.
ALTER TABLE deployment ADD COLUMN notice_service TEXT;

-- The courses that a course was copied from (JSON, newest first), as notices told them.
ALTER TABLE context ADD COLUMN origins TEXT;
-- When the platform last told the person's groups.
ALTER TABLE membership ADD COLUMN grouped_at BIGINT;

-- The course that a room was made for. title is the one that it was made with.
ALTER TABLE room ADD COLUMN context_id TEXT REFERENCES context (id);
ALTER TABLE room ADD COLUMN title TEXT;
UPDATE room SET context_id = (
    SELECT MIN(resource_link.context_id) FROM room_link
    JOIN resource_link ON resource_link.id = room_link.resource_link_id WHERE room_link.room_id = room.id
);
CREATE INDEX room_context ON room (context_id);

-- An activity that was copied from another course: the room there, the own one that it got, and what a teacher answered
-- ('own', 'shared'; NULL until then).
CREATE TABLE link_copy (
    resource_link_id TEXT PRIMARY KEY NOT NULL REFERENCES resource_link (id),
    origin_room_id TEXT NOT NULL REFERENCES room (id),
    own_room_id TEXT NOT NULL REFERENCES room (id),
    answer TEXT,
    answered_by TEXT REFERENCES lti_user (id),
    answered_at BIGINT
);

-- A course's groups as they became known. number is the neutral name of one without a name; listed is whether the platform
-- told it the last time.
CREATE TABLE course_group (
    context_id TEXT NOT NULL REFERENCES context (id),
    group_key TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT,
    listed BOOLEAN NOT NULL,
    PRIMARY KEY (context_id, group_key)
);
CREATE TABLE group_member (
    context_id TEXT NOT NULL REFERENCES context (id),
    group_key TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES lti_user (id),
    PRIMARY KEY (context_id, user_id, group_key)
);
-- When a course's groups were last asked for, and the code of the last failure.
CREATE TABLE group_reading (
    context_id TEXT PRIMARY KEY NOT NULL REFERENCES context (id),
    asked_at BIGINT NOT NULL,
    trouble TEXT
);

-- Minutes are those of an activity, in whatever room it was.
DROP INDEX presence_room_user;
CREATE INDEX presence_link_user ON presence (resource_link_id, user_id);
