import type { ReportedTest } from '../test/reports';

/** A test's file, the titles of its groups as far as they are given, and its own title at the end. */
export interface TestReference {
  file: string;
  titles: string[];
}

export function parseReference(text: string): TestReference {
  const [file = '', ...titles] = text.split(' › ');
  return { file, titles };
}

/** Matches what Vitest replaces in the title of a parametrized test. */
const PLACEHOLDER = /%[sdifjo]|\$\{[^}]*\}|\$[\w.]+/;

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

/** Returns a pattern that matches a title after its placeholders were replaced. */
export function titlePattern(title: string): string {
  return title.split(PLACEHOLDER).map(escapePattern).join(String.raw`[\s\S]*`);
}

/** Returns a pattern for the test's full name, in which a space separates the titles. */
export function namePattern({ titles }: TestReference): string {
  return titles.map(titlePattern).join('.* ');
}

/** True if a reported test is the referenced one, or one of its cases. Groups may be left out of a reference. */
export function isReferenced({ file, titles }: TestReference, test: ReportedTest): boolean {
  if (test.file !== file) return false;
  const own = titles.at(-1);
  if (own === undefined || !fits(own, test.titles.at(-1))) return false;
  const groups = test.titles.slice(0, -1);
  return titles.slice(0, -1).every((title) => {
    const at = groups.findIndex((group) => fits(title, group));
    groups.splice(0, at + 1);
    return at >= 0;
  });
}

function fits(title: string, reported: string | undefined): boolean {
  return reported !== undefined && new RegExp(`^${titlePattern(title)}$`).test(reported);
}
