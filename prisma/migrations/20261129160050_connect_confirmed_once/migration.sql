-- One link is one attempt. Built while others write, and so by itself.
CREATE UNIQUE INDEX CONCURRENTLY "connect_attempts_confirmation_digest_key" ON "connect_attempts"("confirmation_digest");
