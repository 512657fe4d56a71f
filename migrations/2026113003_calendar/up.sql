-- Which activities with dates a person has opened: their calendar shows these. calendar_number names the addresses of the
-- calendar that are good: the next one makes all before it worthless.
CREATE TABLE calendar_entry (
    user_id TEXT NOT NULL REFERENCES lti_user (id),
    resource_link_id TEXT NOT NULL REFERENCES resource_link (id),
    PRIMARY KEY (user_id, resource_link_id)
);
ALTER TABLE lti_user ADD COLUMN calendar_number BIGINT NOT NULL DEFAULT 0;
