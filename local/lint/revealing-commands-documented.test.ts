/** Holds every documented command to the rules that the product asks of its users. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '@/app/api/routes';
import { operationGroups } from '@/app/docs/api/reference';
import { ANYBODY, samples } from '@/app/docs/api/samples';
import { openApiDocument } from '@/lib/openapi/document';
import { findRevealing, shellBlocks } from './revealing-commands';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('a documented command', () => {
  it.each([
    ['curl -H "Authorization: Bearer $PULSESTREAM_API_KEY" https://x.example/a', 'command line'],
    ['curl \\\n  -b "next-auth.session-token=$SESSION" https://x.example', 'command line'],
    ['curl -H "Authorization: Bearer psk_live_…" https://x.example', 'command line'],
    ['git clone https://x-access-token:$GITHUB_TOKEN@github.com/acme/api.git', 'command line'],
    ['docker run -e GITHUB_TOKEN=$GITHUB_TOKEN engine', 'command line'],
    ['curl -X POST -H @headers https://x.example/api/v1/internal/github/token', 'prints'],
    ['curl -H @headers https://x.example/api/v1/internal/github/token | jq -r .token', 'prints'],
    ['pulsestream token --repo acme/api', 'prints'],
    ['npx --yes https://x.example/pulsestream-0.1.0.tgz token', 'prints'],
    ['echo "$GITHUB_TOKEN"', 'prints'],
    [`git -c credential.helper='!f() { echo "password=$GITHUB_TOKEN"; }; f' clone x`, 'any host'],
  ])('is found: %s', (command, what) => {
    expect(findRevealing(command).join()).toContain(what);
  });

  it.each([
    'export PULSESTREAM_API_KEY_FILE=/run/secrets/pulsestream',
    `GITHUB_TOKEN=$(printf 'Authorization: Bearer %s' "$PULSESTREAM_API_KEY" |\n  curl -H @- https://x.example/api/v1/internal/github/token | jq -r .token)`,
    `git -c credential.helper= -c credential.https://github.com.helper='!f() { echo "password=$GITHUB_TOKEN"; }; f' clone x`,
    "git -c credential.helper= -c credential.helper='!npx pulsestream git-credential' clone x",
    "git -c credential.helper= -c credential.helper='!npx --yes https://x.example/pulsestream-0.1.0.tgz git-credential' clone x",
    'GITHUB_TOKEN=$(pulsestream token --repo acme/api)',
  ])('is accepted: %s', (command) => {
    expect(findRevealing(command)).toEqual([]);
  });

  it('neither prints a token, nor puts a secret into a command line, nor answers any host, in any document', async () => {
    const folders = ['docs', 'client', 'packages/offline-github'];
    const files = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
    for (const folder of folders)
      for (const file of await readdir(path.join(ROOT, folder), { recursive: true }))
        if (file.endsWith('.md') && !file.includes('node_modules')) files.push(path.join(folder, file));
    const blocks = files.flatMap((file) =>
      shellBlocks(readFileSync(path.join(ROOT, file), 'utf8')).map((code) => ({ file, code })),
    );
    expect(blocks.length).toBeGreaterThan(10);
    expect(
      blocks.flatMap(({ file, code }) => findRevealing(code).map((found) => `${file}: ${found}`)),
    ).toEqual([]);
  });

  it('does none of this on the page of the API reference', () => {
    const origin = 'https://control-plane.example';
    const document = openApiDocument(
      { publicUrl: origin, rateLimits: { mint_user: 20, mint_internal: 30 } },
      ROUTES,
    );
    const whole = samples({ origin, githubWebUrl: 'https://github.example', reader: ANYBODY });
    const operations = operationGroups(document).flatMap((group) => group.operations);
    const scripts = [
      ...whole.filter(({ title }) => !title.startsWith('TypeScript')).map(({ code }) => code),
      ...operations.map(({ curl }) => curl),
    ];
    expect(scripts.length).toBeGreaterThan(25);
    expect(scripts.flatMap(findRevealing)).toEqual([]);
  });
});
