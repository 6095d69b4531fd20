-- By itself: the next ones take longer, and mints read this table.
ALTER TABLE "installations" ADD COLUMN "list_read_seq" BIGINT;
