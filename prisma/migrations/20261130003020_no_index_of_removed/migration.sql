-- Replaced by "repositories_in_order_idx".
DROP INDEX CONCURRENTLY IF EXISTS "repositories_installation_id_owner_name_idx";
