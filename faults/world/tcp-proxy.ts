/** A TCP proxy in front of a service. It breaks the way to the service, without the service or its client knowing. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * - `pass` forwards every byte.
 * - `hold` forwards requests and keeps the responses back. A later `pass` releases them.
 * - `hang` accepts connections and forwards nothing in either direction. A later `pass` continues.
 * - `refuse` cuts every connection immediately.
 * - `delay` forwards every piece after {@link TcpProxy.delayMs}.
 */
export type ProxyMode = 'pass' | 'hold' | 'hang' | 'refuse' | 'delay';

export class TcpProxy {
  delayMs = 600;
  #mode: ProxyMode = 'pass';
  #waiting: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server;
  /** How many pieces of responses are held back. */
  held = 0;

  private constructor(private readonly target: { host: string; port: number }) {
    this.#server = createServer((client) => this.#serve(client));
  }

  static async start(target: URL): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host: '127.0.0.1', port: Number(target.port) });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Returns the URL with this proxy's port. */
  inFrontOf(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String((this.#server.address() as AddressInfo).port);
    return changed.href.replace(/\/$/, '');
  }

  set(mode: ProxyMode): void {
    this.#mode = mode;
    for (const wake of this.#waiting.splice(0)) wake();
    if (mode === 'refuse') this.#cut();
  }

  async close(): Promise<void> {
    this.#cut();
    this.#server.close();
    this.set('pass');
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(client: Socket): void {
    this.#watch(client);
    if (this.#mode === 'refuse') {
      client.destroy();
      return;
    }
    const service = connect(this.target);
    this.#watch(service);
    void this.#forward(client, service, ['hang']);
    void this.#forward(service, client, ['hang', 'hold']);
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #forward(from: Socket, to: Socket, stoppedBy: readonly ProxyMode[]): Promise<void> {
    try {
      for await (const piece of from) {
        if (this.#mode === 'delay') await sleep(this.delayMs);
        await this.#untilNot(stoppedBy);
        if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
    } catch {
      // The connection was cut. The other side is ended below.
    }
    await this.#untilNot(stoppedBy);
    to.end();
  }

  async #untilNot(modes: readonly ProxyMode[]): Promise<void> {
    if (!modes.includes(this.#mode)) return;
    this.held++;
    while (modes.includes(this.#mode)) await new Promise<void>((wake) => this.#waiting.push(wake));
    this.held--;
  }
}
