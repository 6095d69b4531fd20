-- AlterTable
ALTER TABLE "connect_attempts" ADD COLUMN     "requested_account_id" BIGINT,
ADD COLUMN     "requested_account_login" TEXT,
ADD COLUMN     "requester_github_id" BIGINT;

-- AlterTable
ALTER TABLE "installations" ADD COLUMN     "sync_failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "sync_lease" UUID,
ADD COLUMN     "sync_retry_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "reconcile_state" (
    "singleton" BOOLEAN NOT NULL DEFAULT true,
    "lease" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "reconcile_state_pkey" PRIMARY KEY ("singleton")
);

-- CreateIndex
CREATE INDEX "repositories_id_idx" ON "repositories"("id");

-- One row, there from the beginning: the app may change it, and neither add nor remove one.
ALTER TABLE "reconcile_state" ADD CONSTRAINT "reconcile_state_one_row" CHECK ("singleton");
INSERT INTO "reconcile_state" ("singleton") VALUES (true);
