/** Holds `action.yml` to the schema that GitHub publishes for it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as Parser from '@actions/workflow-parser/actions/action-parser';
import { build } from 'esbuild';
import { afterAll, expect, it } from 'vitest';

const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-action-schema-'));
afterAll(() => rm(folder, { recursive: true }));
const { parseAction } = await loadParser();
const declaration = await readFile(path.join(import.meta.dirname, 'action.yml'), 'utf8');

/** Loads the parser of GitHub's editor extension. Bundles it, because Node 20 rejects its imports of JSON. */
async function loadParser(): Promise<typeof Parser> {
  const outfile = path.join(folder, 'parser.cjs');
  const contents = "export * from '@actions/workflow-parser/actions/action-parser'";
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'node',
    outfile,
  });
  return createRequire(import.meta.url)(outfile);
}

/** Returns what GitHub reports about a declaration. */
function errorsOf(content: string): string[] {
  const trace = { error: () => {}, info: () => {}, verbose: () => {} };
  const { context } = parseAction({ name: 'action.yml', content }, trace);
  return context.errors.getErrors().map(({ message }) => message);
}

it('is an action by GitHub’s schema', () => {
  expect(errorsOf(declaration)).toEqual([]);
});

it.each([
  ['an unknown runtime', 'using: node24', 'using: node3'],
  ['a misspelled step', 'post:', 'pst:'],
  ['an input that is neither required nor optional', 'required: true', 'required: perhaps'],
  ['an icon that GitHub leaves out', /icon: \w+/, 'icon: key'],
])('would notice %s', (_, valid, invalid) => {
  const broken = declaration.replace(valid, invalid);
  expect(broken).not.toBe(declaration);
  expect(errorsOf(broken)).not.toEqual([]);
});
