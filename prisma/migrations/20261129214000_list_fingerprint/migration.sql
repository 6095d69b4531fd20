-- By itself: the next one takes longer, and mints read this table.
ALTER TABLE "installations" ADD COLUMN "list_fingerprint" TEXT;
