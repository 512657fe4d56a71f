DROP TABLE unregistered_launch;
DROP TABLE launch_refusal;
UPDATE launch_log SET deployment_id = claimed_deployment WHERE deployment_id IS NULL;
ALTER TABLE launch_log DROP COLUMN claimed_deployment;
