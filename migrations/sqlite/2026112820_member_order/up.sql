-- A page shows the first thousand names of a list, however long it is.
CREATE INDEX roster_member_order ON roster_member (context_id, reading, name_key);
