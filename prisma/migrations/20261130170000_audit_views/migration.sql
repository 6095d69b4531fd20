-- Searches of the audit log that a member saved under a name. A new, empty table; the foreign key locks `memberships` for a
-- moment only. A view ends with its member's membership.
CREATE TABLE "audit_views" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_views_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "audit_views_name" CHECK (char_length("name") BETWEEN 1 AND 60),
    CONSTRAINT "audit_views_address" CHECK (char_length("address") <= 2000)
);
CREATE UNIQUE INDEX "audit_views_workspace_id_user_id_name_key" ON "audit_views"("workspace_id", "user_id", "name");
ALTER TABLE "audit_views" ADD CONSTRAINT "audit_views_workspace_id_user_id_fkey"
  FOREIGN KEY ("workspace_id", "user_id") REFERENCES "memberships"("workspace_id", "user_id")
  ON DELETE CASCADE ON UPDATE CASCADE;
