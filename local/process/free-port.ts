import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The port at which this process begins its search, below the range of ephemeral ports. Seconds pass between finding a
 * port and listening on it, so concurrent runs on one machine begin at different ports to avoid clashes.
 */
export const OWN_PORTS = 10_000 + (process.pid % 200) * 100;

/**
 * Returns a TCP port that is currently free: `preferred` if possible, otherwise the next free port above it, otherwise
 * any. Another process may take the port before the caller does.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    for (let port = preferred; port < Math.min(preferred + 100, 65_536); port += 1) {
      // Try 127.0.0.1 and the wildcard address, because a server on the wildcard address may block only one of the two.
      if ((await canListen(port, '127.0.0.1')) && (await canListen(port))) return port;
    }
  }
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port to be had');
  return address.port;
}

async function canListen(port: number, host?: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(host === undefined ? { port } : { port, host }, () => server.close(() => resolve(true)));
  });
}
