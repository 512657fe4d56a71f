-- Sites beside the platform's own that may show the tool in a frame, one on a line.
ALTER TABLE platform ADD COLUMN frames TEXT NOT NULL DEFAULT '';
-- The log keeps the last launches of each deployment.
CREATE INDEX launch_log_deployment ON launch_log (platform_id, deployment_id, at);
