-- Where a key may be used from, and where it was used last.
ALTER TABLE "api_keys" ADD COLUMN "last_used_ip" INET;
ALTER TABLE "api_keys" ADD COLUMN "networks" INET[] DEFAULT ARRAY[]::INET[] NOT NULL;

-- As before, and for the networks too.
DROP TRIGGER "api_keys_authority_changes" ON "api_keys";
CREATE TRIGGER "api_keys_authority_changes" AFTER UPDATE ON "api_keys"
  FOR EACH ROW WHEN ((OLD."id", OLD."workspace_id", OLD."revoked_at", OLD."expires_at", OLD."bound",
      OLD."repository_ids", OLD."networks")
    IS DISTINCT FROM (NEW."id", NEW."workspace_id", NEW."revoked_at", NEW."expires_at", NEW."bound",
      NEW."repository_ids", NEW."networks"))
  EXECUTE FUNCTION "mint_authority_ends"();
ALTER TABLE "api_keys" ENABLE ALWAYS TRIGGER "api_keys_authority_changes";
