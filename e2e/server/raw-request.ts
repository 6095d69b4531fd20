/** Sends raw bytes, for requests that no HTTP client would send. */
import { connect } from 'node:net';

/**
 * Sends the bytes unchanged.
 *
 * @param then `end` half-closes the connection after sending, which Node treats as a disconnect. Use it for incomplete
 *   requests, because otherwise the server would wait for the rest.
 * @returns everything that the server sends until the connection ends
 */
export async function sendBytes(url: string, bytes: string, then: 'wait' | 'end' = 'wait'): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname });
  let answer = '';
  await new Promise<void>((resolve) => {
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.write(bytes, 'latin1');
    if (then === 'end') socket.end();
  });
  return answer;
}

export const request = (line: string, headers: string[] = [], body = '') =>
  `${line}\r\n${['Host: localhost', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`;
