-- One occurrence of use of a room: from the first presence to the last.
CREATE TABLE meeting (
    id TEXT PRIMARY KEY NOT NULL,
    room_id TEXT NOT NULL REFERENCES room (id),
    began BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    ended BIGINT
);
-- A room has one running meeting: of processes that would begin one at once, one does.
CREATE UNIQUE INDEX meeting_running ON meeting (room_id) WHERE ended IS NULL;
CREATE INDEX meeting_room ON meeting (room_id, began);

-- A stretch of one meeting page's signs of life. A page that falls silent for too long begins another stretch.
CREATE TABLE presence (
    id TEXT PRIMARY KEY NOT NULL,
    meeting_id TEXT NOT NULL REFERENCES meeting (id),
    room_id TEXT NOT NULL REFERENCES room (id),
    resource_link_id TEXT NOT NULL REFERENCES resource_link (id),
    user_id TEXT NOT NULL REFERENCES lti_user (id),
    standing TEXT NOT NULL,
    source TEXT NOT NULL,
    visit TEXT NOT NULL,
    joined BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    has_left BOOLEAN NOT NULL,
    CONSTRAINT presence_visit_joined UNIQUE (visit, joined)
);
CREATE INDEX presence_meeting ON presence (meeting_id);
CREATE INDEX presence_room_user ON presence (room_id, user_id);
