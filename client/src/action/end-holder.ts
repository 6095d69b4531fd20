import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';

/** The report of the process that held the tokens, when it ends. */
export type Ending = { unrevoked: number };

/**
 * Ends the process that holds the tokens, and waits until it has revoked them.
 *
 * @param socket the one that the process named when it started
 * @throws if the process is gone
 */
export async function endHolder(socket: string): Promise<Ending> {
  return JSON.parse(await text(createConnection(socket)));
}
