-- Vacuum marks pages as visible to all, and only then PostgreSQL reads an index without looking up each row. A page with
-- two filters that have few events in common merges two indexes. By default, a fifth of the table may be added before
-- the next vacuum. This table's rows never change, so a vacuum reads only the new ones.
ALTER TABLE "audit_events" SET (autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_vacuum_insert_threshold = 10000);
