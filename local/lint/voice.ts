/**
 * `npx tsx local/lint/voice.ts [FOLDER]` finds sentences that have to be read twice, in comments, documents and titles
 * of tests. Fails on any finding.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Kind, proseOf, sentencesOf } from './voice-prose';

/** Maximum number of words in a comment's sentence. Aim for 20. */
const MAX_WORDS = 28;

/**
 * Files that aren't checked: released migrations and the changelog, which never change, and generated files, which have
 * no author.
 */
const EXEMPT = /^prisma\/migrations\/|\/generated\/|^CHANGELOG\.md$/;
const READ = /\.(?:tsx?|mts|mjs|js|sql|prisma|md)$/;
/** The only document that may name claims by id, because it lists the tests of each claim. */
const NAMES_CLAIMS = /^docs\/claims\.md$/;

interface Rule {
  name: string;
  breaks: (sentence: string, kind: Kind, path: string) => boolean;
}

/** Words that hide a statement's subject when the statement begins with them. A question may begin with them. */
const OPENING =
  /^(?:Who|Whoever|Whose|What|Whatever|Which|Of|One (?:that|who|which|whose|of)|Those (?:that|who|of))\b(?!.*\?$)/;
/** The same for titles. In addition, a title must not continue its group's title, as in `scope › of a bound key …`. */
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

/** Returns the files that git tracks, except the exempt ones. */
export function filesToRead(): string[] {
  return execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
    .split('\0')
    .filter((path) => READ.test(path) && !EXEMPT.test(path) && existsSync(path));
}

function report(): number {
  const [folder = ''] = process.argv.slice(2);
  const files = filesToRead().filter((path) => path.startsWith(folder));
  const findings = files.flatMap((path) => findingsOf(path, readFileSync(path, 'utf8')));
  for (const { path, line, rule, sentence } of findings)
    console.error(`${path}:${line}: ${rule}: ${sentence}`);
  console.log(`voice: ${files.length} files, ${findings.length} findings`);
  return findings.length;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = report() === 0 ? 0 : 1;
}
