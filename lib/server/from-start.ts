import { subscribe } from 'node:diagnostics_channel';

type Channel = 'net.server.socket' | 'http.server.request.start';

const shared = globalThis as typeof globalThis & {
  /** Set by `hold-requests.mjs`. */
  pulsestreamHeldRequests?: () => Map<string, unknown[]>;
};

/** Calls the listener for each message of the channel, including messages published before this module was loaded. */
export function subscribeFromStart(channel: Channel, listener: (message: unknown) => void): void {
  const held = shared.pulsestreamHeldRequests?.().get(channel) ?? [];
  subscribe(channel, listener);
  for (const message of held) listener(message);
}
