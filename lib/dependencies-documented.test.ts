import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import client from '../client/package.json' with { type: 'json' };
import manifest from '../package.json' with { type: 'json' };
import offlineGitHub from '../packages/offline-github/package.json' with { type: 'json' };

const DOCUMENT = readFileSync('docs/dependencies.md', 'utf8');

/** Returns the rows `| package | reason |` below a heading. */
function documented(heading: string): { name: string; reason: string }[] {
  const section = DOCUMENT.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name = '', reason = '']) => ({
    name,
    reason,
  }));
}

it.each([
  ['Production', manifest.dependencies],
  ['Development', manifest.devDependencies],
  ['Client', client.devDependencies],
  ['Offline GitHub', { ...offlineGitHub.dependencies, ...offlineGitHub.devDependencies }],
])('gives one reason for every dependency of package.json: %s', (heading, dependencies) => {
  const rows = documented(heading);
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(dependencies).sort());
  for (const { name, reason } of rows) expect([name, reason.trim()]).not.toContain('');
});

it('pins every dependency of package.json to one version', () => {
  const versions = [manifest, { devDependencies: client.devDependencies }, offlineGitHub].flatMap((each) =>
    Object.values({ ...('dependencies' in each && each.dependencies), ...each.devDependencies }),
  );
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))).toEqual([]);
});

it('names the locked version of every package with advisories close to it', () => {
  const [, section = ''] = DOCUMENT.split('## Advisories');
  const rows = [...section.matchAll(/^\| `([^`]+)`.* \| ([\d.]+) \|$/gm)];
  const { packages }: { packages: Record<string, { version?: string }> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.map(([, name, here]) => [name, here])).toEqual(
    rows.map(([, name]) => [name, packages[`node_modules/${name}`]?.version]),
  );
});
