/**
 * Compiles the client to `client/dist` and packs it to `public`, if one of its sources has changed since the last time.
 * Does not check types: `npm run typecheck` does. Does nothing in a production install, because that has no compiler.
 *
 * @throws if the sources do not compile
 */
export function ensureClientBuilt(): Promise<void>;
