-- AlterTable
ALTER TABLE "memberships" ADD COLUMN     "hides_first_steps" BOOLEAN NOT NULL DEFAULT false;
