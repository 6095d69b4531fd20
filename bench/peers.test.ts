import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { installPeer } from './peers';

test.each(['backstage', 'probot'] as const)(
  'reports a peer that cannot be installed as not measured: %s',
  async (folder) => {
    const peer = await installPeer(folder, ['no-such-npm']);
    expect('missing' in peer && peer.missing).toBe(
      `${peer.name} ${peer.version}: not measured, could not be installed: spawn no-such-npm ENOENT`,
    );
  },
);

test.each(['backstage', 'probot'])('installs the version that the manifest names: %s', (folder) => {
  const read = (file: string) => JSON.parse(readFileSync(`bench/peer-packages/${folder}/${file}`, 'utf8'));
  const [[name, version] = ['', '']] = Object.entries<string>(read('package.json').dependencies);
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const { version: locked, integrity } = read('package-lock.json').packages[`node_modules/${name}`];
  expect([locked, integrity]).toEqual([version, expect.stringMatching(/^sha512-/)]);
});
