-- When each of the App's keys was first used with this database, so that the doctor can tell its age. A new, empty table.
CREATE TABLE "app_keys" (
    "fingerprint" TEXT NOT NULL,
    "first_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_keys_pkey" PRIMARY KEY ("fingerprint")
);
