-- Whether deployments that launches name are approved at once, by the operator's choice.
ALTER TABLE platform ADD COLUMN approves_deployments BOOLEAN NOT NULL DEFAULT FALSE;
-- Launches of deployments for which there was no room among those that wait.
ALTER TABLE platform ADD COLUMN turned_away BIGINT NOT NULL DEFAULT 0;

-- The address of an invitation can be read while it waits: its secret, sealed with the row's id.
ALTER TABLE invitation ADD COLUMN sealed_secret TEXT;
