-- What deep linking placed: an item opens its room for the activity that launches it first; any other is a copy.
CREATE TABLE room_item (
    id TEXT PRIMARY KEY NOT NULL,
    room_id TEXT NOT NULL REFERENCES room (id),
    resource_link_id TEXT REFERENCES resource_link (id)
);
CREATE INDEX room_item_room ON room_item (room_id);
-- Items of before are called after their rooms. Where activities opened a room already, the first of them has its item.
INSERT INTO room_item (id, room_id, resource_link_id)
SELECT room.id, room.id, (
    SELECT MIN(room_link.resource_link_id) FROM room_link WHERE room_link.room_id = room.id AND room_link.group_key = ''
)
FROM room WHERE NOT EXISTS (
    SELECT 1 FROM room_link WHERE room_link.room_id = room.id AND room_link.group_key <> ''
);
