import { readDetail } from '../contract/audit-types';
import type { Mint } from './compare';
import { readAuditEvents } from './read';
import { type StillAllowed, whileAllowed } from './while-allowed';

/** The events that may hold the hash of a token that GitHub minted, and whether the token was returned. */
const KINDS = [
  { type: 'github.token_minted', released: true },
  { type: 'github.token_denied', released: false },
] as const;

/** Yields all tokens in a workspace's log: returned ones, and those that were minted and then refused. */
export async function* readMints(
  workspaceId: string,
  stillAllowed: StillAllowed = async () => {},
): AsyncGenerator<Mint> {
  for (const { type, released } of KINDS)
    for await (const event of whileAllowed(readAuditEvents(workspaceId, { type }), stillAllowed)) {
      const { occurred_at, actor } = event;
      const hashed_token = readDetail(type, event.details, 'hashed_token');
      if (hashed_token !== undefined) yield { hashed_token, occurred_at, actor: actor.label, released };
    }
}
