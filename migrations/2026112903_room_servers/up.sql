-- When the first person joined the room's last meeting, which takes place on server_id. Units: milliseconds since the epoch.
ALTER TABLE room ADD COLUMN server_chosen BIGINT NOT NULL DEFAULT 0;
