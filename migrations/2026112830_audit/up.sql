-- Refusals beyond those that stand in audit_event: how often somebody was refused what, on which day.
CREATE TABLE audit_refusal (
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    last_subject TEXT NOT NULL,
    PRIMARY KEY (who, action, day)
);

-- What strangers could fill so far.
UPDATE audit_event SET subject = substr(subject, 1, 200) WHERE length(subject) > 200;
INSERT INTO audit_refusal (who, action, day, count, last_at, last_subject)
    SELECT who, action, at / 86400000, COUNT(*), MAX(at), MAX(subject) FROM audit_event
    WHERE outcome = 'refused' AND who = 'nobody' GROUP BY who, action, at / 86400000;
DELETE FROM audit_event WHERE outcome = 'refused' AND who = 'nobody';
