-- When a class takes place: the plan as its teacher made it (JSON, in the time of its zone), and each of its dates. Rooms
-- without a plan are always open.
ALTER TABLE room ADD COLUMN schedule TEXT;
-- The zone of a course: that of the first plan made in it.
ALTER TABLE context ADD COLUMN zone TEXT;

-- planned is when the plan says that it begins: a date that was moved begins at another time. sequence counts its changes.
-- Units: milliseconds since the epoch.
CREATE TABLE occurrence (
    id TEXT PRIMARY KEY NOT NULL,
    room_id TEXT NOT NULL REFERENCES room (id),
    planned BIGINT NOT NULL,
    begins BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    sequence BIGINT NOT NULL
);
CREATE INDEX occurrence_room ON occurrence (room_id, ends);

-- Times that teachers planned before become one date each: an hour long where only its beginning or its end was known. They
-- told when the class is and closed no door, and so it stays.
WITH RECURSIVE place (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < 400),
planned (id, begins) AS (
    SELECT room.id, CAST(substr(room.settings, place.n + 9, 13) AS BIGINT) FROM room
    JOIN place ON substr(room.settings, place.n, 9) = '"begins":'
    WHERE room.settings LIKE '%"begins":1%' AND substr(room.settings, place.n + 9, 1) = '1'
),
ending (id, ends) AS (
    SELECT room.id, CAST(substr(room.settings, place.n + 7, 13) AS BIGINT) FROM room
    JOIN place ON substr(room.settings, place.n, 7) = '"ends":'
    WHERE room.settings LIKE '%"ends":1%' AND substr(room.settings, place.n + 7, 1) = '1'
)
INSERT INTO occurrence (id, room_id, planned, begins, ends, state, note, sequence)
SELECT room.id, room.id, COALESCE(planned.begins, ending.ends - 3600000), COALESCE(planned.begins, ending.ends - 3600000),
    COALESCE(ending.ends, planned.begins + 3600000), 'planned', '', 0
FROM room LEFT JOIN planned ON planned.id = room.id LEFT JOIN ending ON ending.id = room.id
WHERE planned.begins IS NOT NULL OR ending.ends IS NOT NULL;

UPDATE room SET settings = '{"only_in_time":false,' || substr(settings, 2), schedule = '{"zone":"UTC"}'
WHERE id IN (SELECT room_id FROM occurrence);
