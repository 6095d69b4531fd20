import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasTitle, readClaims } from './documented';
import { type Mutation, parseMutation, readMutations } from './mutations';

const claims = readClaims();
const mutations = readMutations();

/** Returns git's message if the patch does not apply to the working tree, and an empty text otherwise. */
function refusalOf({ patch }: Mutation): string {
  const { status, stderr } = spawnSync('git', ['apply', '--check', patch], { encoding: 'utf8' });
  return status === 0 ? '' : stderr || `git apply ended with ${status}`;
}

const MIGRATIONS = 'prisma/migrations';
/** A definition of a function, up to the end of its body. */
const DEFINITION =
  /^CREATE (?:OR REPLACE )?FUNCTION (?:"?public"?\.)?"?(\w+)"?\([\s\S]*?\bAS (\$\w*\$)[\s\S]*?\2/gm;

/** Returns the functions that a migration defines, each with the numbers of its first and last line. */
function definitionsIn(migration: string): { name: string; first: number; last: number }[] {
  const text = readFileSync(`${MIGRATIONS}/${migration}/migration.sql`, 'utf8');
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  return [...text.matchAll(DEFINITION)].map(({ 0: definition, 1: name = '', index }) => ({
    name,
    first: lineAt(index),
    last: lineAt(index + definition.length),
  }));
}

/** Returns the changed functions that a later migration defines anew, so that the patch would break nothing. */
function replacedFunctions(patch: string): string[] {
  const [, changed, hunks = ''] =
    /^\+\+\+ b\/prisma\/migrations\/(\w+)\/migration\.sql$([\s\S]*)/m.exec(patch) ?? [];
  if (changed === undefined || patch.includes('\nnew file mode ')) return [];
  const later = readdirSync(MIGRATIONS).filter((name) => name > changed && name !== 'migration_lock.toml');
  const replaced = new Set(later.flatMap(definitionsIn).map(({ name }) => name));
  const middles = [...hunks.matchAll(/^@@ -(\d+),(\d+) /gm)].map(
    ([, start, length]) => Number(start) + Math.floor(Number(length) / 2),
  );
  return definitionsIn(changed)
    .filter(({ name, first, last }) => replaced.has(name) && middles.some((at) => at >= first && at <= last))
    .map(({ name }) => name);
}

describe.each(mutations.map((mutation) => [mutation.patch, mutation] as const))('%s', (patch, mutation) => {
  it('applies to the code as it is', () => {
    expect(refusalOf(mutation)).toBe('');
  });

  it('names a claim and one of its tests', () => {
    const claim = claims.find(({ id }) => id === mutation.claim);
    expect(claim?.tests).toContain(mutation.caughtBy);
    const { file, titles } = mutation.test;
    expect(titles.filter((title) => !hasTitle(file, title))).toEqual([]);
  });

  it('changes no function that a later migration replaces', () => {
    expect(replacedFunctions(readFileSync(patch, 'utf8'))).toEqual([]);
  });

  it('changes no test', () => {
    const changed = [...readFileSync(patch, 'utf8').matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, file]) => file);
    expect(changed).not.toEqual([]);
    expect(changed.filter((file = '') => /\.(?:test|spec)\.tsx?$|^e2e\/|^local\//.test(file))).toEqual([]);
  });
});

it('breaks every claim that has code, unless docs/claims.md says why none can', () => {
  const broken = new Set(mutations.map(({ claim }) => claim));
  const missing = claims.filter(
    ({ id, hasCode, withoutMutation }) => hasCode && !broken.has(id) && withoutMutation === undefined,
  );
  expect(missing.map(({ id }) => id)).toEqual([]);
});

it('tracks every patch, because only tracked files are part of a clone', () => {
  const tracked = execFileSync('git', ['ls-files', 'e2e/claims/mutations'], { encoding: 'utf8' }).trim();
  expect(mutations.map(({ patch }) => patch)).toEqual(tracked.split('\n').sort());
});

it('names the patch and the line that its header lacks', () => {
  expect(() => parseMutation('C01-x.patch', 'Claim: C01\n\ndiff --git a/x b/x\n')).toThrow(
    'C01-x.patch: the header has no line "Caught by: …"',
  );
});
