CREATE TRIGGER "audit_events_name_repositories" AFTER INSERT ON "audit_events"
  FOR EACH ROW WHEN (NEW."type" = 'github.token_minted' AND jsonb_typeof(NEW."details" -> 'repositories') = 'array')
  EXECUTE FUNCTION "public"."audit_events_name_repositories"();
ALTER TABLE "audit_events" ENABLE ALWAYS TRIGGER "audit_events_name_repositories";
