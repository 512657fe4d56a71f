-- The log finds its last launches of each deployment in the index alone, in order.
DROP INDEX launch_log_deployment;
CREATE INDEX launch_log_deployment ON launch_log (platform_id, deployment_id, at, id);
