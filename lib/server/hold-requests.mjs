/**
 * Records servers, connections and requests until `subscribeFromStart` takes over. Next starts listening before it loads the
 * app's code, and answers those early requests once it's ready, so `npm start` preloads this file.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** @type {Map<string, unknown[]>} */
const held = new Map();

/** @param {string} channel */
function hold(channel) {
  const messages = /** @type {unknown[]} */ ([]);
  held.set(channel, messages);
  /** @param {unknown} message */
  const note = (message) => void messages.push(message);
  subscribe(channel, note);
  return () => unsubscribe(channel, note);
}

const releases = ['tracing:net.server.listen:asyncEnd', 'net.server.socket', 'http.server.request.start'].map(
  hold,
);

globalThis.pulsestreamHeldRequests = () => {
  for (const release of releases.splice(0)) release();
  return held;
};
