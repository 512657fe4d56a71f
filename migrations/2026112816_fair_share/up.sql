-- Whose lane it is, in which pool its jobs run, and when it had its last turn. What is there is made anew at the next start.
DELETE FROM job_lane;
ALTER TABLE job_lane ADD COLUMN platform TEXT NOT NULL DEFAULT '';
ALTER TABLE job_lane ADD COLUMN pool TEXT NOT NULL DEFAULT 'grades';
ALTER TABLE job_lane ADD COLUMN served_at BIGINT NOT NULL DEFAULT 0;
UPDATE job SET lane = lane || ' lists' WHERE kind IN ('roster', 'notices');

-- What a platform had of a pool: its last turn, and the time that its jobs took since a moment (milliseconds).
CREATE TABLE job_share (
    platform TEXT NOT NULL,
    pool TEXT NOT NULL,
    served_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    PRIMARY KEY (platform, pool)
);

-- What runs now, over all lanes.
DROP INDEX job_leased;
CREATE INDEX job_running ON job (lease_until) WHERE lease IS NOT NULL;
