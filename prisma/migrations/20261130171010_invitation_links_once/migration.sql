-- One link is one invitation. Built while others write, and so by itself.
CREATE UNIQUE INDEX CONCURRENTLY "invitations_link_digest_key" ON "invitations"("link_digest");
