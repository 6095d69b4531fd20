-- CreateIndex
CREATE INDEX "audit_events_workspace_id_actor_id_seq_idx" ON "audit_events"("workspace_id", "actor_id", "seq");

-- CreateIndex
CREATE INDEX "audit_events_workspace_id_actor_label_seq_idx" ON "audit_events"("workspace_id", "actor_label", "seq");

-- CreateIndex
CREATE INDEX "audit_events_workspace_id_client_ip_seq_idx" ON "audit_events"("workspace_id", "client_ip", "seq");

-- A mint that names repositories finds them by name. Prisma cannot say an expression index.
CREATE INDEX "repositories_installation_full_name_idx" ON "repositories" ("installation_id", lower("owner" || '/' || "name"))
  WHERE "removed_at" IS NULL;
