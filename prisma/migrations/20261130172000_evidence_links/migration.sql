-- CreateTable
CREATE TABLE "evidence_links" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "evidence_links_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "evidence_links_hash_length" CHECK (octet_length("hash") = 32)
);

-- CreateIndex
CREATE UNIQUE INDEX "evidence_links_hash_key" ON "evidence_links"("hash");

-- CreateIndex
CREATE INDEX "evidence_links_workspace_id_idx" ON "evidence_links"("workspace_id");

-- AddForeignKey
ALTER TABLE "evidence_links" ADD CONSTRAINT "evidence_links_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE CASCADE ON UPDATE CASCADE;
