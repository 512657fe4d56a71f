-- Moments are milliseconds since 1970 (UTC); flags are BOOLEAN; JSON is TEXT; sealed values are base64url text.

-- A registration: the pair of a platform's issuer and our client id there.
CREATE TABLE platform (
    id TEXT PRIMARY KEY NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    auth_url TEXT NOT NULL,
    token_url TEXT NOT NULL,
    jwks_url TEXT NOT NULL,
    token_audience TEXT,
    allow_private_network BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT platform_issuer_client_id UNIQUE (issuer, client_id)
);

-- The unit of isolation: contexts, links, rooms and logs belong to one deployment.
CREATE TABLE deployment (
    id TEXT PRIMARY KEY NOT NULL,
    platform_id TEXT NOT NULL REFERENCES platform (id),
    deployment_id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT deployment_platform_deployment UNIQUE (platform_id, deployment_id)
);

-- context_id is '' for launches that name no context.
CREATE TABLE context (
    id TEXT PRIMARY KEY NOT NULL,
    deployment_id TEXT NOT NULL REFERENCES deployment (id),
    context_id TEXT NOT NULL,
    label TEXT,
    title TEXT,
    updated_at BIGINT NOT NULL,
    CONSTRAINT context_deployment_context UNIQUE (deployment_id, context_id)
);

CREATE TABLE room (
    id TEXT PRIMARY KEY NOT NULL,
    server_id TEXT,
    jitsi_room TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT room_jitsi_room UNIQUE (jitsi_room)
);

-- Inside its context: re-run courses of Open edX reuse the resource link id.
CREATE TABLE resource_link (
    id TEXT PRIMARY KEY NOT NULL,
    context_id TEXT NOT NULL REFERENCES context (id),
    resource_link_id TEXT NOT NULL,
    title TEXT,
    description TEXT,
    updated_at BIGINT NOT NULL,
    CONSTRAINT resource_link_context_link UNIQUE (context_id, resource_link_id)
);

-- group_key is '' for the room of the whole course.
CREATE TABLE room_link (
    resource_link_id TEXT NOT NULL REFERENCES resource_link (id),
    group_key TEXT NOT NULL,
    room_id TEXT NOT NULL REFERENCES room (id),
    PRIMARY KEY (resource_link_id, group_key)
);
CREATE INDEX room_link_room ON room_link (room_id);

-- name_key is the name folded for search and sorting; pseudonym stands for the person at Jitsi servers.
CREATE TABLE lti_user (
    id TEXT PRIMARY KEY NOT NULL,
    platform_id TEXT NOT NULL REFERENCES platform (id),
    sub TEXT NOT NULL,
    pseudonym TEXT NOT NULL,
    name TEXT,
    name_key TEXT NOT NULL,
    email TEXT,
    picture TEXT,
    locale TEXT,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT lti_user_platform_sub UNIQUE (platform_id, sub)
);

CREATE TABLE membership (
    user_id TEXT NOT NULL REFERENCES lti_user (id),
    context_id TEXT NOT NULL REFERENCES context (id),
    roles TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, context_id)
);
CREATE INDEX membership_context ON membership (context_id);

-- A Jitsi installation. credentials is sealed with the row's id.
CREATE TABLE server (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    settings TEXT NOT NULL,
    credentials TEXT,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT server_name UNIQUE (name)
);

-- One row: the server of rooms that name none.
CREATE TABLE default_server (
    one BOOLEAN PRIMARY KEY NOT NULL CHECK (one),
    server_id TEXT NOT NULL REFERENCES server (id)
);

-- Our key pairs; private_key is sealed with the row's id.
CREATE TABLE tool_key (
    id TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    kid TEXT NOT NULL,
    private_key TEXT NOT NULL,
    public_key TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT tool_key_kid UNIQUE (kid)
);
-- Two processes that start at once make one key.
CREATE UNIQUE INDEX tool_key_active ON tool_key (purpose) WHERE status = 'active';

-- What became of each launch, for administrators: no names, no tokens.
CREATE TABLE launch_log (
    id TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    platform_id TEXT,
    deployment_id TEXT,
    pseudonym TEXT,
    outcome TEXT NOT NULL,
    passed TEXT NOT NULL,
    detail TEXT,
    request_id TEXT NOT NULL
);
CREATE INDEX launch_log_platform ON launch_log (platform_id, at);
