-- Migrations only go forward: a database is taken back by restoring its backup.
SELECT 1;
