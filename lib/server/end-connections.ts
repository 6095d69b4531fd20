import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { backgroundWorkEnded } from '../background';
import { tracing } from '../observability/tracing';
import { drain } from './drain';
import { REQUEST_TIMEOUT_MS, subscribeFromStart } from './stamp-requests';

/**
 * Longer than the 60 s used by nginx and most load balancers, so the proxy closes an idle connection before we do. If
 * we closed it first, the proxy could send a request into a closed connection.
 */
const KEEP_ALIVE_MS = 75_000;

/** Time for requests that the peer sent before it noticed the shutdown. */
const GRACE_MS = 500;

/** Closes even if requests never pause. */
const MOST_TURNS = 1000;

type Exchange = { request: IncomingMessage; response: ServerResponse };

/**
 * Keeps idle connections open longer than a proxy does. On shutdown, keeps listening until load balancers have noticed,
 * then closes each connection as soon as it's idle. By itself, Node's `close()` closes only connections that are idle at
 * that very moment. It would wait for new connections that send nothing, connections that become idle later, and
 * incomplete requests.
 *
 * Node's `close()` would also lose requests: the kernel accepts connections, and bytes on them, before Node reads any.
 * It resets all that Node has not read when the socket closes, and a proxy must not send a mint again.
 */
export function endConnections(): void {
  const all = new WeakMap<Server, Connections>();
  const of = (server: Server): Connections => {
    const known = all.get(server) ?? new Connections(server);
    all.set(server, known);
    return known;
  };
  // Meet the server before its first connection: one that never has any must not stop early, either.
  subscribeFromStart('tracing:net.server.listen:asyncEnd', (message) => {
    const { server } = message as { server: unknown };
    if (server instanceof Server) of(server);
  });
  subscribeFromStart('net.server.socket', (message) => {
    const { socket } = message as { socket: Socket & { server?: unknown } };
    if (socket.server instanceof Server) of(socket.server).accept(socket);
  });
  subscribeFromStart('http.server.request.start', (message) => {
    const { server, ...exchange } = message as Exchange & { server: Server };
    of(server).begin(exchange);
  });
}

/** The open connections of one server. */
class Connections {
  /**
   * Connections without a request under way, each with the number of bytes read by the end of its last one. If more
   * were read since, a part of a request has arrived.
   */
  readonly #waiting = new Map<Socket, number>();
  /**
   * By connection, because the response to a pipelined request emits no `close` if the connection closes before its turn.
   */
  readonly #exchanges = new Map<Socket, Set<Exchange>>();
  #isEnding = false;
  /** Connections are closed as soon as they are idle. */
  #isClosing = false;
  /** Connections and requests so far. */
  #arrived = 0;

  constructor(server: Server) {
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    const close = server.close.bind(server);
    server.close = (callback) => {
      this.#isEnding = true;
      for (const exchanges of this.#exchanges.values()) announceEnd(exchanges);
      const closeUnlessBusy = async () => {
        await drain();
        await this.#everythingRead();
        // Next ends the process in the callback, and waits only for work that it started itself.
        close(async (error) => {
          await backgroundWorkEnded();
          await tracing.tracer?.flush();
          callback?.(error);
        });
      };
      void closeUnlessBusy();
      return server;
    };
    // Node calls this function from `close()`. Replace it, to leave time for requests that are already on their way. It
    // would also take a connection for idle whose response is complete but has not been sent.
    server.closeIdleConnections = () => {
      this.#limitRequests();
      setTimeout(() => {
        this.#isClosing = true;
        void this.#closeIdle();
      }, GRACE_MS).unref();
    };
  }

  accept(socket: Socket): void {
    this.#arrived++;
    this.#waiting.set(socket, 0);
    socket.once('close', () => {
      this.#waiting.delete(socket);
      this.#exchanges.delete(socket);
    });
  }

  begin(exchange: Exchange): void {
    this.#arrived++;
    const { socket } = exchange.request;
    this.#waiting.delete(socket);
    const exchanges = this.#exchanges.get(socket) ?? new Set();
    this.#exchanges.set(socket, exchanges.add(exchange));
    exchange.response.once('close', () => {
      exchanges.delete(exchange);
      if (exchanges.size > 0) return;
      if (socket.destroyed) return;
      this.#waiting.set(socket, socket.bytesRead);
      if (this.#isClosing) void this.#closeIdle();
    });
    if (this.#isEnding) announceEnd(exchanges);
  }

  async #closeIdle(): Promise<void> {
    await this.#everythingRead();
    for (const [socket, bytesRead] of this.#waiting) if (socket.bytesRead === bytesRead) socket.destroy();
  }

  /** Waits until Node has read all that the kernel holds: for a turn of the event loop in which nothing arrived. */
  async #everythingRead(): Promise<void> {
    // The first turn may be past its reading of sockets already.
    await setImmediate();
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const before = this.#arrived;
      await setImmediate();
      if (this.#arrived === before) return;
    }
  }

  /** Node stops enforcing its request timeout after `close()`, so enforce it here. */
  #limitRequests(): void {
    setTimeout(() => {
      for (const socket of this.#waiting.keys()) socket.destroy();
      for (const exchanges of this.#exchanges.values())
        for (const { request } of exchanges) if (!request.complete) request.socket.destroy();
    }, REQUEST_TIMEOUT_MS).unref();
  }
}

/**
 * Announces the end of a connection in the response to its newest request. After a response that announces it, Node
 * closes the connection, and drops the responses to requests that were pipelined after it.
 */
function announceEnd(exchanges: Iterable<Exchange>): void {
  const responses = [...exchanges].map(({ response }) => response);
  const newest = responses.pop();
  for (const response of responses) if (!response.headersSent) response.removeHeader('connection');
  if (newest?.headersSent === false) newest.setHeader('connection', 'close');
}
