/**
 * Serves tokens from Backstage's provider of GitHub App credentials in its own process. The provider keeps a token in
 * memory until ten minutes before it expires, and hands the same token to every caller.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveTasks } from './process';

const { BENCH_GITHUB_URL = '', BENCH_APP_ID = '', BENCH_PRIVATE_KEY = '', BENCH_PEER = '' } = process.env;

/** The part of `@backstage/integration` that this server uses. */
type Backstage = {
  SingleInstanceGithubCredentialsProvider: {
    create(config: object): { getCredentials(options: { url: string }): Promise<{ token?: string }> };
  };
};

const { SingleInstanceGithubCredentialsProvider }: Backstage = await import(BENCH_PEER);
const provider = SingleInstanceGithubCredentialsProvider.create({
  host: 'github.com',
  apiBaseUrl: BENCH_GITHUB_URL,
  apps: [
    {
      appId: Number(BENCH_APP_ID),
      privateKey: BENCH_PRIVATE_KEY,
      clientId: 'unused',
      clientSecret: 'unused',
      webhookSecret: 'unused',
    },
  ],
});

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  incoming.on('end', async () => {
    const { token } = await provider.getCredentials({ url: 'https://github.com/acme/api' });
    if (token === undefined) outgoing.writeHead(500).end();
    else outgoing.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ token }));
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

serveTasks(async () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
