import type { Mint } from './compare';
import { readAuditEvents } from './read';

/** All mints of a workspace, oldest first. */
export async function* readMints(workspaceId: string): AsyncGenerator<Mint> {
  for await (const { details, occurred_at, actor } of readAuditEvents(workspaceId, {
    type: 'github.token_minted',
  }))
    if (typeof details.hashed_token === 'string')
      yield { hashed_token: details.hashed_token, occurred_at, actor: actor.label };
}
