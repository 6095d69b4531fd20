/**
 * Records connections and requests until `subscribeFromStart` takes over. `npm start` preloads this file, because Next
 * listens before it loads the app's code, and responds to early requests once it is ready.
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

const releases = ['net.server.socket', 'http.server.request.start'].map(hold);

globalThis.pulsestreamHeldRequests = () => {
  for (const release of releases.splice(0)) release();
  return held;
};
