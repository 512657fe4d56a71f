-- What the levels around a room decide about its settings: JSON, by the names of the settings. Nothing is decided yet.
ALTER TABLE platform ADD COLUMN settings TEXT;
ALTER TABLE context ADD COLUMN settings TEXT;
CREATE TABLE site_settings (
    one BOOLEAN PRIMARY KEY NOT NULL CHECK (one),
    settings TEXT NOT NULL
);

-- Places kept for people who were let into a meeting, until its page is heard of. Units: milliseconds since the epoch.
CREATE TABLE room_entry (
    room_id TEXT NOT NULL REFERENCES room (id),
    user_id TEXT NOT NULL REFERENCES lti_user (id),
    entered_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
