/**
 * `npx tsx local/lint/page-words.ts` finds words in the texts of pages that a customer would stumble over. Each rule
 * names the word to use instead. `docs/glossary.md` explains the terms.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';

/** Files that hold texts of pages: components, routes of pages, and the tables whose texts both pages and the API show. */
const READ =
  /^(?:components\/.+\.tsx?|app\/(?!api\/|dev\/).+\.tsx?|lib\/(?:connect\/outcomes|contract\/(?:github-causes|actor-words|audit-types|audit-event|minting-stop)|problem)\.ts)$/;
const TESTS = /\.test\.tsx?$/;

/** Reference for developers, where the API's own word is right. */
const DEVELOPERS = /^(?:app\/docs\/|components\/api-reference\/|lib\/)/;
/** The words of the audit log's types, which name what the API calls a mint. */
const EVENT_WORDS = /^lib\/contract\/audit-(?:types|event)\.ts$/;

interface Rule {
  found: RegExp;
  instead: string;
  /** Files where the word is right. */
  except?: RegExp;
}

export const RULES: readonly Rule[] = [
  { found: /\bwho(?:m)?ever\b/i, instead: 'name the person: an owner, an admin, the operator' },
  { found: /\b(?:somebody|anybody|nobody|everybody)\b/i, instead: 'someone, anyone, no one, everyone' },
  { found: /\be-mail/i, instead: 'email' },
  {
    found: /\b(?:repositories|everything|all|code|what|those|one|ones) that you\b/i,
    instead: 'leave out “that”',
  },
  { found: /\b(?:any|no) more\b(?!\s+(?:than|tokens|events|repositories|rows))/i, instead: 'no longer' },
  { found: /\bat once\b/i, instead: 'immediately' },
  { found: /\bby (?:itself|themselves)\b/i, instead: 'automatically' },
  { found: /\b(?:what|which) (?:stands|stood)\b|\bstands? (?:below|above|here|in|with)\b/i, instead: 'is' },
  {
    found: /\bthe App\b/,
    instead: 'the app',
    except: /^(?:app\/docs|app\/trust|components\/trust|lib\/problem)/,
  },
  { found: /\bmint(?:s|ed|ing)?\b/i, instead: 'issue', except: DEVELOPERS },
  {
    found: /\btokens? (?:is|are|was|were) made\b|\bmak(?:es?|ing) (?:a )?tokens?\b/i,
    instead: 'issue',
    except: EVENT_WORDS,
  },
  { found: /\btak(?:e|es|en) (?:it |this |an? \w+ )?(?:back|away)\b/i, instead: 'revoke, remove' },
  { found: /\bif it lasts\b|\bif the \w+ lasts\b/i, instead: 'if this continues' },
  { found: /\b(?:is|are) alarmed\b/i, instead: 'have been notified' },
  { found: /\bour fault\b/i, instead: 'the problem is on our side' },
  {
    found: /\bGitHub (?:tells|knows|says|told|said|knew|believes)\b/,
    instead: 'say what GitHub returns or lists',
  },
];

export interface Finding {
  path: string;
  line: number;
  text: string;
  instead: string;
}

/** Returns the findings of one file. */
export function findingsOf(path: string, source: string): Finding[] {
  return textsOf(path, source).flatMap(({ line, text }) =>
    RULES.filter(({ found, except }) => found.test(text) && !except?.test(path)).map(({ instead }) => ({
      path,
      line,
      text,
      instead,
    })),
  );
}

/** Returns the files to read, relative to the repository's root. */
export function filesToRead(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => READ.test(path) && !TESTS.test(path));
}

/** Returns the texts of JSX and of strings. A single word in a string is a code or a class name, not a text. */
function textsOf(path: string, source: string): { line: number; text: string }[] {
  const texts: { line: number; text: string }[] = [];
  const add = (text: string, start: number, isText: (words: string) => boolean): void => {
    const words = text.replaceAll(/\s+/g, ' ').trim();
    if (isText(words)) texts.push({ line: source.slice(0, start).split('\n').length, text: words });
  };
  const isSentence = (words: string) => words.includes(' ') || /^[A-Z][a-z]+$/.test(words);
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} could not be parsed: ${errors[0]?.message}`);
  new Visitor({
    'JSXText:exit': ({ value, start }) => add(value, start, (words) => words !== ''),
    'Literal:exit': ({ value, start }) => {
      if (typeof value === 'string') add(value, start, isSentence);
    },
    'TemplateElement:exit': ({ value, start }) => add(value.cooked ?? value.raw, start, isSentence),
  }).visit(program);
  return texts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const findings = filesToRead().flatMap((path) => findingsOf(path, readFileSync(path, 'utf8')));
  for (const { path, line, text, instead } of findings)
    console.error(`${path}:${line}: ${text}\n  → ${instead}`);
  if (findings.length > 0) process.exitCode = 1;
}
