import { type Client, createClient } from '../index.js';
import { Foreground } from './child.js';
import { readSettings, SESSION } from './environment.js';
import { type Scope, Session } from './session.js';
import { type Source, serve, sourceAt } from './source.js';

/** Creates the client that the environment configures. */
export function clientOf(env: NodeJS.ProcessEnv): Client {
  const { url, workspace, audience, auth } = readSettings(env);
  return createClient({
    url,
    auth,
    userAgent: 'pulsestream-cli',
    ...(workspace !== undefined && { workspace }),
    ...(audience !== undefined && { audience }),
  });
}

export interface Work {
  source: Source;
  /** Where git's helpers reach the source. */
  socket: string;
  foreground: Foreground;
}

/**
 * Gives some work a source of credentials, and revokes every token at the end, however it ends. Inside another
 * `pulsestream`, the source is that command's, and so is the end of the tokens.
 */
export async function withSource<T>(
  env: NodeJS.ProcessEnv,
  scope: Scope,
  work: (given: Work) => Promise<T>,
): Promise<T> {
  const foreground = new Foreground();
  try {
    const outer = env[SESSION];
    if (outer) return await work({ source: sourceAt(outer), socket: outer, foreground });
    const session = new Session(clientOf(env), scope);
    const served = await serve(session);
    try {
      return await work({ source: session, socket: served.socket, foreground });
    } finally {
      await served.close();
      await revokeAll(session);
    }
  } finally {
    foreground.release();
  }
}

async function revokeAll(session: Session): Promise<void> {
  const left = await session.close();
  if (left > 0)
    process.stderr.write(
      `pulsestream: ${left} token(s) could not be revoked; each expires within the hour\n`,
    );
}
