-- The digest of an invitation's link. An invitation from before has no link until it is sent again.
ALTER TABLE "invitations" ADD COLUMN "link_digest" BYTEA;
