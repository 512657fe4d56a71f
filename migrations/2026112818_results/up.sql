-- A column that the gradebook had deleted when a score came: a launch may name it for years.
ALTER TABLE line_item ADD COLUMN gone_url TEXT;
-- When the gradebook was last asked what it shows.
ALTER TABLE line_item ADD COLUMN results_at BIGINT;

-- What the gradebook shows for the person, and when that was read; both score columns are NULL where it shows nothing.
ALTER TABLE score DROP COLUMN held;
ALTER TABLE score ADD COLUMN shown_score DOUBLE PRECISION;
ALTER TABLE score ADD COLUMN shown_maximum DOUBLE PRECISION;
ALTER TABLE score ADD COLUMN shown_at BIGINT;
