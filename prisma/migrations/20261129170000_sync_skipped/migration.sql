-- AlterTable
ALTER TABLE "installations" ADD COLUMN     "sync_skipped" INTEGER NOT NULL DEFAULT 0;
