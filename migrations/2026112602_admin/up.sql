-- A one-time way into the administrator's pages.
CREATE TABLE admin_link (
    id TEXT PRIMARY KEY NOT NULL,
    secret_hash TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CONSTRAINT admin_link_secret UNIQUE (secret_hash)
);

-- Lets one platform register itself, once.
CREATE TABLE invitation (
    id TEXT PRIMARY KEY NOT NULL,
    secret_hash TEXT NOT NULL,
    note TEXT NOT NULL,
    allow_private_network BOOLEAN NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    platform_id TEXT REFERENCES platform (id),
    CONSTRAINT invitation_secret UNIQUE (secret_hash)
);

-- What administrators did, or were refused. Rows are only added.
CREATE TABLE audit_event (
    id TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    outcome TEXT NOT NULL
);
CREATE INDEX audit_event_at ON audit_event (at);
