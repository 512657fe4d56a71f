-- Tables and columns take the names that the standards and the code use.
ALTER TABLE job_lane RENAME TO job_queue;
ALTER TABLE job_queue RENAME COLUMN lane TO queue;
ALTER TABLE job RENAME COLUMN lane TO queue;
ALTER TABLE roster RENAME TO membership_list;
ALTER TABLE roster_member RENAME TO listed_member;
ALTER TABLE presence RENAME COLUMN standing TO role;
UPDATE job SET kind = 'memberships' WHERE kind = 'roster';
UPDATE score SET refused = 'line-item-gone' WHERE refused = 'column-gone';
UPDATE job SET reason = 'line-item-gone' WHERE reason = 'column-gone';
