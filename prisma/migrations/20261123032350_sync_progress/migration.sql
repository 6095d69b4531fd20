-- AlterTable
ALTER TABLE "installations" ADD COLUMN     "sync_read" INTEGER,
ADD COLUMN     "sync_total" INTEGER;
