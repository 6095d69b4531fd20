import type { Mint } from './compare';
import { readAuditEvents } from './read';
import { type StillAllowed, whileAllowed } from './while-allowed';

/** What may hold the hash of a token that GitHub made for us, and whether somebody was given the token. */
const KINDS = [
  { type: 'github.token_minted', released: true },
  { type: 'github.token_denied', released: false },
] as const;

/** All tokens of a workspace that its log knows: released ones, and those that were minted and then refused. */
export async function* readMints(
  workspaceId: string,
  stillAllowed: StillAllowed = async () => {},
): AsyncGenerator<Mint> {
  for (const { type, released } of KINDS)
    for await (const event of whileAllowed(readAuditEvents(workspaceId, { type }), stillAllowed)) {
      const { details, occurred_at, actor } = event;
      if (typeof details.hashed_token === 'string')
        yield { hashed_token: details.hashed_token, occurred_at, actor: actor.label, released };
    }
}
