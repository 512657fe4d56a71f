-- Nothing ever used people's e-mail addresses.
ALTER TABLE lti_user DROP COLUMN email;

-- How many launches in a row said nothing of something known, and since when (JSON); NULL where the last one named it.
ALTER TABLE context ADD COLUMN memberships_silence TEXT;
ALTER TABLE context ADD COLUMN groups_silence TEXT;
ALTER TABLE resource_link ADD COLUMN grades_silence TEXT;
ALTER TABLE lti_user ADD COLUMN name_silence TEXT;

-- The course's groups service, as a launch offered it.
ALTER TABLE context ADD COLUMN groups_url TEXT;
-- The person's groups as the last launch that named any named them (JSON).
ALTER TABLE membership ADD COLUMN launched_groups TEXT;
