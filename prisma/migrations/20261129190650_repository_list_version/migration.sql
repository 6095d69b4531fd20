-- By itself: the next one takes longer, and mints read this table.
ALTER TABLE "installations" ADD COLUMN "repository_list_version" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "repository_count" INTEGER NOT NULL DEFAULT 0;
