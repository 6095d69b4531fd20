import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

const FILES = [
  'package-lock.json',
  'local/test/nodes/20.19/package-lock.json',
  'local/test/nodes/24/package-lock.json',
  'bench/peer-packages/backstage/package-lock.json',
  'bench/peer-packages/probot/package-lock.json',
];

describe.each(FILES)('%s', (file) => {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(file, 'utf8')));

  test('the lock file pins what to install, but not where to download it from', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http'))).toEqual([]);
  });

  test('the lock file lists the packages of every platform, because npm ci fails on a platform that is missing', () => {
    const names = new Set(Object.keys(packages).map((folder) => folder.split('node_modules/').at(-1)));
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  });
});
