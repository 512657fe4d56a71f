-- SQLite alone gets an index here, from the program: PostgreSQL sorts a list in a moment, and its indexes take no long
-- names.
SELECT 1;
