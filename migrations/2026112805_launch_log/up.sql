-- The deployment that somebody wrote into a launch which its platform did not sign, or signed for a deployment that is not
-- known here: it fills and empties no deployment's own rows.
ALTER TABLE launch_log ADD COLUMN claimed_deployment TEXT;
UPDATE launch_log SET claimed_deployment = deployment_id, deployment_id = NULL
    WHERE deployment_id IS NOT NULL AND (' ' || passed || ' ' NOT LIKE '% token %' OR NOT EXISTS (
        SELECT 1 FROM deployment WHERE deployment.platform_id = launch_log.platform_id
            AND deployment.deployment_id = launch_log.deployment_id));
DELETE FROM launch_log WHERE platform_id IS NULL;
-- How often launches that nobody proved were refused, by code: of a platform, or with an empty platform_id of no registration.
CREATE TABLE launch_refusal (
    platform_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (platform_id, outcome)
);
-- Who tried to come in without a registration: a bounded list for each code.
CREATE TABLE unregistered_launch (
    code TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (code, issuer, client_id)
);
