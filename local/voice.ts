/**
 * `npx tsx local/voice.ts [FOLDER]`: finds wording in comments, documents and titles of tests that a reader has to
 * read twice, and prints what it finds in that folder. Folders in `HELD` must have no finding. The findings of all
 * others are counted, so that the table can grow.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Kind, proseOf, sentencesOf } from './voice-prose';

/** The longest sentence of a comment, in words. The aim is 20. */
const MAX_WORDS = 28;

/** Files and folders without findings. A new finding in one of them fails lint. */
export const HELD: readonly string[] = [
  'app/',
  'bench/',
  'cli/',
  'components/',
  'e2e/',
  'instrumentation.ts',
  'lib/actor.ts',
  'lib/api-keys/',
  'lib/async.test.ts',
  'lib/async.ts',
  'lib/audit/',
  'lib/auth/',
  'lib/config.ts',
  'lib/config/',
  'lib/connect/',
  'lib/contract/',
  'lib/cursor.ts',
  'lib/db/',
  'lib/github/',
  'lib/http/',
  'lib/installation/',
  'lib/observability/',
  'lib/openapi/',
  'lib/rate-limit/',
  'lib/server/',
  'lib/sync/',
  'lib/testing/',
  'lib/token/',
  'lib/trust/',
  'lib/turns.ts',
  'lib/webhooks/',
  'lib/workspace/',
  'local/',
  'next.config.js',
  'playwright.config.ts',
  'prisma/',
  'proxy.ts',
  'vitest.config.ts',
];

/** Released migrations and changelog entries stay as they were released. Generated files have no author. */
const EXEMPT = /^prisma\/migrations\/|\/generated\/|^CHANGELOG\.md$/;
const READ = /\.(?:tsx?|mts|mjs|js|sql|prisma|md)$/;
/** The only document that says which test holds which claim. */
const NAMES_CLAIMS = /^docs\/claims\.md$/;

interface Rule {
  name: string;
  breaks: (sentence: string, kind: Kind, path: string) => boolean;
}

/** A question may begin with these words; a statement that does hides its subject. */
const OPENING =
  /^(?:Who|Whoever|Whose|What|Whatever|Which|Of|One (?:that|who|which|whose|of)|Those (?:that|who|of))\b(?!.*\?$)/;
/** The same of a title, which must not continue the title of its group either: `scope › of a bound key …`. */
const TITLE_OPENING =
  /^(?:who|whoever|whose|what|whatever|which|that|of|for which|one (?:that|who|which|whose|of)|those (?:that|who|of))\b/i;
const NO_MORE = new RegExp(
  String.raw`\b(?:no|any) more\b(?=$|[.,;:)]| (?:${[
    'after|and|as|at|because|before|but|by|either|for|from|here|if|in|is|it|nor|on|once|or',
    'since|so|that|the|then|to|unless|until|when|where|while|with',
  ].join('|')})\b)`,
  'i',
);
const GITHUB_AS_A_PERSON = new RegExp(
  String.raw`\bGitHub(?: (?:${[
    'already|also|always|can|could|did|does|had|has|have|itself|may|might|never|no longer|not|now|once|only|still|then',
    'will|would',
  ].join('|')}))* (?:believe|know|like|say|tell|think|want|believed|knew|known|said|thought|told|wanted)s?\b`,
);

export const RULES: readonly Rule[] = [
  {
    name: 'hidden subject',
    breaks: (sentence, kind) => (kind === 'title' ? TITLE_OPENING : OPENING).test(sentence),
  },
  { name: 'at once', breaks: (sentence) => /\bat once\b/i.test(sentence) },
  { name: 'no more', breaks: (sentence) => NO_MORE.test(sentence) },
  {
    name: 'what is no …',
    breaks: (sentence) => /\b(?:what|who)(?:ever)? is no\b(?! longer)/i.test(sentence),
  },
  { name: 'GitHub as a person', breaks: (sentence) => GITHUB_AS_A_PERSON.test(sentence) },
  { name: 'e-mail', breaks: (sentence) => /\be-mail/i.test(sentence) },
  {
    name: 'claim id',
    breaks: (sentence, kind, path) =>
      kind !== 'title' && !NAMES_CLAIMS.test(path) && /\bC(?:0\d|1\d|2[0-4])\b/.test(sentence),
  },
  {
    name: `over ${MAX_WORDS} words`,
    breaks: (sentence, kind) => kind !== 'document' && sentence.split(/\s+/).length > MAX_WORDS,
  },
];

export interface Finding {
  path: string;
  line: number;
  rule: string;
  sentence: string;
}

/** Returns the findings of one file. */
export function findingsOf(path: string, text: string): Finding[] {
  return proseOf(path, text).flatMap(({ line, kind, prose }) =>
    sentencesOf(prose).flatMap((sentence) =>
      RULES.filter(({ breaks }) => breaks(sentence, kind, path)).map(({ name }) => ({
        path,
        line,
        rule: name,
        sentence,
      })),
    ),
  );
}

/** Returns whether an entry of `HELD` is this file or a folder above it. */
export function isHeld(path: string, held: readonly string[] = HELD): boolean {
  return held.some((entry) => path === entry || (entry.endsWith('/') && path.startsWith(entry)));
}

/** Returns the files that git tracks, without the exempt ones. */
export function filesToRead(): string[] {
  return execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
    .split('\0')
    .filter((path) => READ.test(path) && !EXEMPT.test(path) && existsSync(path));
}

function report(): number {
  const files = filesToRead();
  const findings = files.flatMap((path) => findingsOf(path, readFileSync(path, 'utf8')));
  const [only] = process.argv.slice(2);
  const failed = findings.filter(({ path }) => isHeld(path));
  const shown = only === undefined ? failed : findings.filter(({ path }) => path.startsWith(only));
  for (const { path, line, rule, sentence } of shown) console.error(`${path}:${line}: ${rule}: ${sentence}`);
  const empty = HELD.filter((entry) => !files.some((path) => isHeld(path, [entry])));
  for (const entry of empty) console.error(`local/voice.ts: ${entry} in HELD matches no file`);
  const counts = RULES.map(({ name }) => `${name} ${findings.filter(({ rule }) => rule === name).length}`);
  console.log(
    `voice: ${files.length} files, ${files.filter((path) => isHeld(path)).length} held with ${failed.length} findings; ` +
      `everywhere: ${counts.join(', ')}`,
  );
  return failed.length + empty.length;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = report() === 0 ? 0 : 1;
}
