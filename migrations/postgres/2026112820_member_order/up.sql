-- The index of SQLite's migration of this name: PostgreSQL sorts a list in a moment, and its indexes take no long names.
SELECT 1;
