-- Where a course's list of participants is (NRPS context_memberships_url), as its last launch told it.
ALTER TABLE context ADD COLUMN memberships_url TEXT;

-- What is known of a course's list of participants. reading names the rows of roster_member that count: it is NULL until a
-- list was read to its end, at fetched_at. resource_link_id is the activity that the list was narrowed to. trouble is the code
-- of the last failure, since failing_since.
CREATE TABLE roster (
    context_id TEXT PRIMARY KEY NOT NULL REFERENCES context (id),
    asked_at BIGINT NOT NULL,
    reading TEXT,
    fetched_at BIGINT,
    resource_link_id TEXT REFERENCES resource_link (id),
    is_cut BOOLEAN NOT NULL,
    skipped BIGINT NOT NULL,
    trouble TEXT,
    failing_since BIGINT
);

-- Who was on the list. A list is written page by page under a new reading, and counts from its end on.
CREATE TABLE roster_member (
    context_id TEXT NOT NULL REFERENCES context (id),
    reading TEXT NOT NULL,
    sub TEXT NOT NULL,
    name TEXT,
    name_key TEXT NOT NULL,
    roles TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (context_id, reading, sub)
);
