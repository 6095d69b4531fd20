/** Reads docs/claims.md: each claim with its status and the tests that fail when the claim is no longer true. */
import { readFileSync } from 'node:fs';

export interface Claim {
  id: string;
  /** `undefined` if the table's last column begins with none of these. */
  status: 'held' | 'partly' | 'not yet' | undefined;
  hasCode: boolean;
  /** References such as `file › title` or `file › group › title`. */
  tests: string[];
  /** Why no mutation breaks this claim; `undefined` if the section gives no reason. */
  withoutMutation: string | undefined;
}

/** Returns the claims in the order of the table. */
export function readClaims(text = readFileSync('docs/claims.md', 'utf8')): Claim[] {
  return [...text.matchAll(/^\| (C\d\d) \|.*$/gm)].map(([row, id = '']) => {
    const section = sectionOf(text, id);
    const status = /^(held|partly|not yet)/.exec(row.split(' | ').at(-1) ?? '')?.[1];
    return {
      id,
      status: status as Claim['status'],
      hasCode: /^Code: /m.test(section),
      tests: references(section),
      withoutMutation: /^Without a mutation: (.+)$/m.exec(section)?.[1],
    };
  });
}

/** Returns a claim's section, which follows the table. It ends at the next heading. */
function sectionOf(text: string, id: string): string {
  return text.split(/^##+ /m).find((section) => section.startsWith(`${id}\n`)) ?? '';
}

/** Returns each reference `file › title` or `file › group › title` in backticks. */
export function references(text: string): string[] {
  return [...text.matchAll(/`([^`]+ › [^`]+)`/g)].map(([, reference = '']) => reference);
}

/** True if a file has a group or test with this title that isn't skipped. */
export function hasTitle(file: string, title: string): boolean {
  const text = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => {
    const at = text.indexOf(`${quote}${title}${quote}`);
    return at > 0 && /(?<!skip|todo|fixme)\(\s*$/.test(text.slice(0, at));
  });
}
