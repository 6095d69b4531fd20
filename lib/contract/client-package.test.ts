import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import manifest from '../../client/package.json' with { type: 'json' };
import { ensureClientBuilt } from '../../local/client/build.mjs';
import { PACKAGE } from '../../local/client/pack.mjs';
import { CLIENT_PACKAGE } from './client-package';

it('names the file that the build packs, with the client’s version', async () => {
  await ensureClientBuilt();
  expect(CLIENT_PACKAGE).toBe(`/${manifest.name}-${manifest.version}.tgz`);
  expect(path.relative('public', PACKAGE)).toBe(CLIENT_PACKAGE.slice(1));
  const files = execFileSync('tar', ['-tzf', PACKAGE], { encoding: 'utf8' }).split('\n');
  expect(files).toEqual(expect.arrayContaining(['package/bin/pulsestream.js', 'package/dist/cli/main.js']));
});
