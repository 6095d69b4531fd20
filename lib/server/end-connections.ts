import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { directWorkEnded } from '../http/direct';
import { REQUEST_TIMEOUT_MS, subscribeFromStart } from './stamp-requests';

/**
 * Longer than the 60 s used by nginx and most load balancers, so the proxy closes an idle connection before we do. If
 * we closed it first, the proxy could send a request into a closed connection.
 */
const KEEP_ALIVE_MS = 75_000;

/** Time for requests that the peer sent before it noticed the shutdown. */
const GRACE_MS = 500;

type Exchange = { request: IncomingMessage; response: ServerResponse };

/**
 * Keeps idle connections open longer than a proxy does. On shutdown, closes each connection as soon as it's idle. By
 * itself, Node's `close()` closes only connections that are idle at that very moment. It would wait for new connections
 * that send nothing, connections that become idle later, and incomplete requests.
 */
export function endConnections(): void {
  const all = new WeakMap<Server, Connections>();
  const of = (server: Server): Connections => {
    const known = all.get(server) ?? new Connections(server);
    all.set(server, known);
    return known;
  };
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
  /** Connections that haven't sent a complete request head yet. */
  readonly #fresh = new Set<Socket>();
  /**
   * By connection, because the response to a pipelined request emits no `close` if the connection closes before its turn.
   */
  readonly #exchanges = new Map<Socket, Set<Exchange>>();
  #isEnding = false;

  constructor(server: Server) {
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    const close = server.close.bind(server);
    // Next ends the process in the callback, and waits only for work that it started itself.
    server.close = (callback) =>
      close(async (error) => {
        await directWorkEnded();
        callback?.(error);
      });
    const closeIdle = server.closeIdleConnections.bind(server);
    // Node calls this function from `close()`. Delay its work to leave time for requests that are already on their way.
    server.closeIdleConnections = () => {
      this.#end();
      setTimeout(() => {
        closeIdle();
        for (const socket of this.#fresh) if (socket.bytesRead === 0) socket.destroy();
      }, GRACE_MS).unref();
    };
  }

  accept(socket: Socket): void {
    this.#fresh.add(socket);
    socket.once('close', () => {
      this.#fresh.delete(socket);
      this.#exchanges.delete(socket);
    });
  }

  begin(exchange: Exchange): void {
    const { response } = exchange;
    const { socket } = exchange.request;
    this.#fresh.delete(socket);
    const exchanges = this.#exchanges.get(socket) ?? new Set();
    this.#exchanges.set(socket, exchanges.add(exchange));
    response.once('close', () => {
      exchanges.delete(exchange);
      if (exchanges.size > 0) return;
      this.#exchanges.delete(socket);
      if (this.#isEnding) socket.destroySoon();
    });
    if (this.#isEnding) response.setHeader('connection', 'close');
  }

  #underWay(): Exchange[] {
    return [...this.#exchanges.values()].flatMap((exchanges) => [...exchanges]);
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const { response } of this.#underWay())
      if (!response.headersSent) response.setHeader('connection', 'close');
    // Node stops enforcing its request timeout after `close()`, so enforce it here.
    setTimeout(() => {
      for (const socket of this.#fresh) socket.destroy();
      for (const { request } of this.#underWay()) if (!request.complete) request.socket.destroy();
    }, REQUEST_TIMEOUT_MS).unref();
  }
}
