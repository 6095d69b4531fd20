-- AlterEnum
ALTER TYPE "connect_attempt_status" ADD VALUE 'awaiting_confirmation';

-- AlterTable
ALTER TABLE "connect_attempts" ADD COLUMN     "browser_digest" BYTEA,
ADD COLUMN     "confirmation_digest" BYTEA,
ADD COLUMN     "proven_by_github_id" BIGINT,
ADD COLUMN     "proven_by_github_login" TEXT;
