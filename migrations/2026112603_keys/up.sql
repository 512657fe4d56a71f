-- Key pairs succeed one another: each says when it begins to sign; the dates tell which are published.
ALTER TABLE tool_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tool_key ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;
UPDATE tool_key SET signs_from = created_at;
DROP INDEX tool_key_active;
-- Two processes that start or rotate at once make one key.
CREATE UNIQUE INDEX tool_key_generation ON tool_key (purpose, generation);
