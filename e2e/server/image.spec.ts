import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { startAppServer } from '../../local/app/server';
import {
  buildImage,
  confinedCommand,
  IMAGE_USER,
  imageCommand,
  whyNoImage,
  whyNotConfined,
} from '../../local/deploy/image';
import { OWN_PORTS } from '../../local/process/free-port';
import { startServices } from '../../local/services';
import { sharedPostgres } from '../fixtures';
import { connectedCustomer } from './connected-customer';
import { createCustomer, mintInternal, type OwnServer } from './own-server';

const execute = promisify(execFile);

type CommandOf = (args?: readonly string[]) => [string, ...string[]];

async function serve(commandOf: CommandOf): Promise<OwnServer> {
  const services = await startServices({ port: OWN_PORTS, postgres: sharedPostgres() });
  try {
    // An image has no files of this machine, so it doesn't get the name of one either.
    const env = { ...services.env, NODE_EXTRA_CA_CERTS: '' };
    const app = await startAppServer({ mode: 'start', env, command: commandOf() });
    const close = async () => {
      await app.stop();
      await services.close();
    };
    return { services, app, close };
  } catch (error) {
    await services.close();
    throw error;
  }
}

/** Does the main job, and checks what the process is and may do. */
async function expectItWorks(commandOf: CommandOf): Promise<void> {
  const server = await serve(commandOf);
  try {
    const { env, appUrl } = server.services;
    const customer = await createCustomer(env);
    await connectedCustomer(server, customer, 'olivia', 'acme', ['api']);
    // The first request is served by Next, the second without it.
    for (const _ of ['by Next', 'directly']) {
      const { status, body } = await mintInternal(appUrl, customer.apiKey, {
        body: { repositories: ['acme/api'] },
      });
      expect([status, body.permissions]).toEqual([201, { contents: 'read', metadata: 'read' }]);
    }
    const page = await (await fetch(`${appUrl}/sign-in`)).text();
    const assets = [...page.matchAll(/(?:src|href)="(\/(?:_next\/static|favicon)[^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(assets.length).toBeGreaterThan(2);
    for (const url of assets) expect([url, (await fetch(`${appUrl}${url}`)).status]).toEqual([url, 200]);
    expect((await fetch(`${appUrl}/trust`)).status).toBe(200);

    const status = readFileSync(`/proc/${server.app.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\t${IMAGE_USER}\\t${IMAGE_USER}\\t`, 'm'));
    expect(server.app.log()).not.toMatch(/EROFS|EACCES|"level":"fatal"/);

    // Not synchronously: GitHub answers in this process.
    const run = async (...args: string[]) => {
      const [program, ...rest] = commandOf(args);
      const { stdout, stderr } = await execute(program, rest, { env: { ...env, NODE_ENV: 'production' } });
      return stdout + stderr;
    };
    expect(await run('cli/migrate.mjs')).toContain('nothing to apply');
    expect(await run('cli/admin.mjs', 'reconcile')).toContain('{');
    expect(await run('cli/doctor.mjs')).toMatch(/^ok +database-migrations/im);

    await server.app.stop();
    expect(server.app.exitCode()).toBe(0);
  } finally {
    await server.close();
  }
}

test('the standalone server mints in a read-only file system, not as root, and so do its commands work', async () => {
  const reason = whyNotConfined();
  test.skip(reason !== undefined, reason);
  await expectItWorks(confinedCommand);
});

test('the image is small, has no shell, and does the same', async () => {
  const reason = whyNoImage();
  test.skip(reason !== undefined, reason);
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-image-'));
  try {
    const image = buildImage(folder);
    expect(image.bytes).toBeLessThan(250e6);
    expect(image.user).toBe(`${IMAGE_USER}:${IMAGE_USER}`);
    expect(image.labels['org.opencontainers.image.licenses']).toBe('Apache-2.0');
    const programs = ['bin', 'usr/bin', 'usr/local/bin'].flatMap((name) => {
      const bin = path.join(image.root, name);
      return existsSync(bin) ? readdirSync(bin) : [];
    });
    expect(programs.filter((name) => /^(ba|da)?sh$|^(apt|dpkg|npm|npx|curl|wget)$/.test(name))).toEqual([]);
    await expectItWorks((args) => imageCommand(image.root, args));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
