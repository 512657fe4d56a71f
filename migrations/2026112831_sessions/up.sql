-- Sessions that began before these moments are over.
ALTER TABLE platform ADD COLUMN sessions_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lti_user ADD COLUMN sessions_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN sessions_from BIGINT NOT NULL DEFAULT 0;

-- Sessions of administration: of operators, and of administrators of a platform.
CREATE TABLE admin_session (
    id TEXT PRIMARY KEY NOT NULL,
    who TEXT NOT NULL,
    scope TEXT NOT NULL,
    began BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    ends BIGINT NOT NULL
);
CREATE INDEX admin_session_ends ON admin_session (ends);
