-- The neutral name of somebody whose platform shares none: a number of the course, given once and for all.
CREATE TABLE person_number (
    context_id TEXT NOT NULL REFERENCES context (id),
    sub TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (context_id, sub),
    CONSTRAINT person_number_of_context UNIQUE (context_id, number)
);
-- Names without a letter or a digit are none; so that old rows have their number, they are found by their plainest forms.
UPDATE lti_user SET name = NULL, name_key = '' WHERE name IN ('-', '.', '--', '..', '...', '- -', '. .', '_', '*', '?');
INSERT INTO person_number (context_id, sub, number)
SELECT membership.context_id, lti_user.sub,
    ROW_NUMBER() OVER (PARTITION BY membership.context_id ORDER BY lti_user.id)
FROM membership JOIN lti_user ON lti_user.id = membership.user_id
WHERE lti_user.name IS NULL AND lti_user.sub NOT LIKE 'anonymous:%';
