-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'member');

-- CreateEnum
CREATE TYPE "connect_attempt_status" AS ENUM ('started', 'awaiting_approval', 'proven', 'finished');

-- CreateEnum
CREATE TYPE "installation_status" AS ENUM ('active', 'suspended', 'deleted');

-- CreateTable
CREATE TABLE "app_identity" (
    "singleton" BOOLEAN NOT NULL DEFAULT true,
    "environment" TEXT NOT NULL,
    "github_app_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_identity_pkey" PRIMARY KEY ("singleton")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "email" TEXT NOT NULL,
    "name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identities" (
    "provider" TEXT NOT NULL,
    "provider_account_id" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identities_pkey" PRIMARY KEY ("provider","provider_account_id")
);

-- CreateTable
CREATE TABLE "workspaces" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "workspace_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("workspace_id","user_id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "invited_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "display_prefix" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "repository_ids" BIGINT[],
    "bound" BOOLEAN NOT NULL DEFAULT false,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connect_attempts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "state_hash" BYTEA NOT NULL,
    "workspace_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "status" "connect_attempt_status" NOT NULL DEFAULT 'started',
    "candidate_installation_id" BIGINT,
    "proven_installation_ids" BIGINT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),
    "outcome" TEXT,

    CONSTRAINT "connect_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "installations" (
    "id" BIGINT NOT NULL,
    "workspace_id" UUID,
    "account_id" BIGINT NOT NULL,
    "account_login" TEXT NOT NULL,
    "account_type" TEXT NOT NULL,
    "repository_selection" TEXT NOT NULL,
    "status" "installation_status" NOT NULL DEFAULT 'active',
    "installed_by_github_id" BIGINT,
    "requested_by_github_id" BIGINT,
    "bound_by" UUID,
    "bound_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "suspended_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "uninstall_requested_at" TIMESTAMPTZ(3),
    "revision" BIGINT NOT NULL DEFAULT 0,
    "sync_requested_at" TIMESTAMPTZ(3),
    "sync_leased_until" TIMESTAMPTZ(3),
    "synced_at" TIMESTAMPTZ(3),
    "sync_error" TEXT,

    CONSTRAINT "installations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repositories" (
    "id" BIGINT NOT NULL,
    "installation_id" BIGINT NOT NULL,
    "owner" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "clone_url" TEXT NOT NULL,
    "default_branch" TEXT NOT NULL,
    "private" BOOLEAN NOT NULL,
    "archived" BOOLEAN NOT NULL DEFAULT false,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "repositories_pkey" PRIMARY KEY ("installation_id","id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "action" TEXT,
    "installation_id" BIGINT,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "outcome" TEXT NOT NULL,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "workspace_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "workspace_slug" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "actor_type" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_label" TEXT NOT NULL,
    "installation_id" BIGINT,
    "client_ip" INET,
    "user_agent" TEXT,
    "request_id" TEXT NOT NULL,
    "details" JSONB NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("workspace_id","seq")
);

-- CreateTable
CREATE TABLE "audit_chains" (
    "workspace_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "head_hash" TEXT NOT NULL,

    CONSTRAINT "audit_chains_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "identities_user_id_idx" ON "identities"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "workspaces_slug_key" ON "workspaces"("slug");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_token_hash_key" ON "invitations"("token_hash");

-- CreateIndex
CREATE INDEX "invitations_workspace_id_idx" ON "invitations"("workspace_id");

-- CreateIndex
CREATE INDEX "invitations_email_idx" ON "invitations"("email");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "api_keys_workspace_id_idx" ON "api_keys"("workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "connect_attempts_state_hash_key" ON "connect_attempts"("state_hash");

-- CreateIndex
CREATE INDEX "connect_attempts_workspace_id_user_id_idx" ON "connect_attempts"("workspace_id", "user_id");

-- CreateIndex
CREATE INDEX "installations_workspace_id_idx" ON "installations"("workspace_id");

-- CreateIndex
CREATE INDEX "installations_account_id_idx" ON "installations"("account_id");

-- CreateIndex
CREATE INDEX "repositories_installation_id_owner_name_idx" ON "repositories"("installation_id", "owner", "name");

-- CreateIndex
CREATE INDEX "webhook_deliveries_received_at_idx" ON "webhook_deliveries"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_events_id_key" ON "audit_events"("id");

-- CreateIndex
CREATE INDEX "audit_events_workspace_id_type_seq_idx" ON "audit_events"("workspace_id", "type", "seq");

-- CreateIndex
CREATE INDEX "audit_events_workspace_id_installation_id_seq_idx" ON "audit_events"("workspace_id", "installation_id", "seq");

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connect_attempts" ADD CONSTRAINT "connect_attempts_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "installations" ADD CONSTRAINT "installations_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repositories" ADD CONSTRAINT "repositories_installation_id_fkey" FOREIGN KEY ("installation_id") REFERENCES "installations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── What Prisma cannot say ──────────────────────────────────────────────────────────────────────────────────────

-- E-mails, slugs and logins are compared as written, so they are written one way only.
ALTER TABLE "users" ADD CONSTRAINT "users_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_slug_form"
  CHECK ("slug" ~ '^[a-z0-9](-?[a-z0-9])*$' AND length("slug") <= 40);
ALTER TABLE "app_identity" ADD CONSTRAINT "app_identity_one_row" CHECK ("singleton");
-- A key bound to repositories that lost its list must read nothing, never everything.
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_bound_list"
  CHECK ("bound" OR cardinality("repository_ids") = 0);

-- `deleted` is final: a reinstall has a new id (C19). Guarded here, so that no code path can revive one.
CREATE FUNCTION "installations_deleted_is_final"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."status" = 'deleted' AND NEW."status" <> 'deleted' THEN
    RAISE EXCEPTION 'installation % is deleted; deleted is final', OLD."id" USING ERRCODE = 'check_violation';
  END IF;
  -- An installation belongs to one workspace for good: it may be bound once, and never handed on (C21).
  IF OLD."workspace_id" IS NOT NULL AND NEW."workspace_id" IS DISTINCT FROM OLD."workspace_id" THEN
    RAISE EXCEPTION 'installation % is bound already', OLD."id" USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "installations_deleted_is_final" BEFORE UPDATE ON "installations"
  FOR EACH ROW EXECUTE FUNCTION "installations_deleted_is_final"();

-- ── The audit chain (C23); the canonical form is specified in docs/audit-chain.md ───────────────────────────────

-- JSON as RFC 8785 writes it, for the values that we store: keys sorted by code point, no white space, integers only.
CREATE FUNCTION "audit_canonical_json"(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE jsonb_typeof(value)
    WHEN 'object' THEN
      RETURN '{' || coalesce((
        SELECT string_agg(to_json(e.key)::text || ':' || "audit_canonical_json"(e.value), ',' ORDER BY e.key COLLATE "C")
        FROM jsonb_each(value) AS e), '') || '}';
    WHEN 'array' THEN
      RETURN '[' || coalesce((
        SELECT string_agg("audit_canonical_json"(e.value), ',' ORDER BY e.ordinality)
        FROM jsonb_array_elements(value) WITH ORDINALITY AS e), '') || ']';
    WHEN 'number' THEN
      -- Fractions are written differently by different languages, and ids beyond 2^53 are rounded by some.
      IF value::text !~ '^(0|-?[1-9][0-9]{0,15})$' OR abs(value::numeric) > 9007199254740991 THEN
        RAISE EXCEPTION 'audit details hold integers up to 2^53 - 1 only' USING ERRCODE = 'check_violation';
      END IF;
      RETURN value::text;
    ELSE
      RETURN value::text;
  END CASE;
END $$;

-- Sets everything that the caller must not choose. The workspace's chain head is locked until commit, so that
-- events of one workspace have one order without gaps. SECURITY DEFINER: the app's role cannot write the head.
CREATE FUNCTION "audit_events_append"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  head "audit_chains"%ROWTYPE;
BEGIN
  SELECT "slug" INTO NEW."workspace_slug" FROM "workspaces" WHERE "id" = NEW."workspace_id";
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such workspace' USING ERRCODE = 'foreign_key_violation';
  END IF;

  SELECT * INTO head FROM "audit_chains" WHERE "workspace_id" = NEW."workspace_id" FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO "audit_chains" ("workspace_id", "seq", "head_hash")
      VALUES (NEW."workspace_id", 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM "audit_chains" WHERE "workspace_id" = NEW."workspace_id" FOR UPDATE;
  END IF;

  NEW."id" := gen_random_uuid();
  NEW."seq" := head."seq" + 1;
  NEW."occurred_at" := date_trunc('milliseconds', clock_timestamp());
  NEW."prev_hash" := head."head_hash";
  NEW."hash" := encode(sha256(convert_to(
    '{"actor":{"id":' || to_json(NEW."actor_id")::text
      || ',"label":' || to_json(NEW."actor_label")::text
      || ',"type":' || to_json(NEW."actor_type")::text
      || '},"client_ip":' || coalesce(to_json(host(NEW."client_ip"))::text, 'null')
      || ',"details":' || "audit_canonical_json"(NEW."details")
      || ',"id":' || to_json(NEW."id"::text)::text
      || ',"installation_id":' || coalesce(NEW."installation_id"::text, 'null')
      || ',"occurred_at":"' || to_char(NEW."occurred_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      || '","prev_hash":"' || NEW."prev_hash"
      || '","request_id":' || to_json(NEW."request_id")::text
      || ',"seq":' || NEW."seq"::text
      || ',"type":' || to_json(NEW."type")::text
      || ',"user_agent":' || coalesce(to_json(NEW."user_agent")::text, 'null')
      || ',"workspace":' || to_json(NEW."workspace_slug")::text
      || '}', 'UTF8')), 'hex');

  UPDATE "audit_chains" SET "seq" = NEW."seq", "head_hash" = NEW."hash" WHERE "workspace_id" = NEW."workspace_id";
  RETURN NEW;
END $$;

CREATE TRIGGER "audit_events_append" BEFORE INSERT ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION "audit_events_append"();

CREATE FUNCTION "audit_events_are_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- Per statement, so that it also fires on TRUNCATE and where no row matches.
CREATE TRIGGER "audit_events_are_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_are_append_only"();
CREATE TRIGGER "audit_chains_are_kept" BEFORE DELETE OR TRUNCATE ON "audit_chains"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_are_append_only"();

-- ALWAYS: a session that plays a replica (session_replication_role) does not get round them.
ALTER TABLE "audit_events" ENABLE ALWAYS TRIGGER "audit_events_append";
ALTER TABLE "audit_events" ENABLE ALWAYS TRIGGER "audit_events_are_append_only";
ALTER TABLE "audit_chains" ENABLE ALWAYS TRIGGER "audit_chains_are_kept";
ALTER TABLE "installations" ENABLE ALWAYS TRIGGER "installations_deleted_is_final";
