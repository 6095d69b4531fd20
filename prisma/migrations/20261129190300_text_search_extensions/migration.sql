-- Both are trusted: the owner of the database may create them, on managed PostgreSQL too.
-- Trigrams find text anywhere in a word; the workspace in the same index keeps one tenant's search out of another's log.
CREATE EXTENSION IF NOT EXISTS "pg_trgm";
CREATE EXTENSION IF NOT EXISTS "btree_gin";
