-- A function that runs with its owner's rights must not look for tables where its caller may make some: unless it is
-- named, pg_temp is searched first, and everybody may make temporary tables. So it is named, last.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION audit_events_append() SET search_path = %I, pg_temp', current_schema());
END $$;
