/** The licences of packages in the lock file: those that anything may have, and the exceptions. */

/** Permissive licences, which ask for a notice at most. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
]);

interface Exception {
  /** The package, or the beginning of its name. */
  name: string;
  licence: string | undefined;
  reason: string;
}

/** Other licences, each for one package or family. */
export const EXCEPTIONS: readonly Exception[] = [
  { name: 'caniuse-lite', licence: 'CC-BY-4.0', reason: 'data about browsers, read by the build' },
  { name: 'geist', licence: 'SIL OPEN FONT LICENSE', reason: 'a typeface, served unchanged' },
  { name: 'elkjs', licence: 'EPL-2.0', reason: 'of the Prisma CLI, which is not in the image; unchanged' },
  {
    name: '@img/sharp-',
    licence: 'LGPL-3.0-or-later',
    reason: 'a shared library of its own, which can be replaced',
  },
  {
    name: '@img/sharp-',
    licence: 'Apache-2.0 AND LGPL-3.0-or-later',
    reason: 'the same, in one package with its binding',
  },
  {
    name: '@img/sharp-',
    licence: 'Apache-2.0 AND LGPL-3.0-or-later AND MIT',
    reason: 'the same, for WebAssembly',
  },
  { name: '@axe-core/playwright', licence: 'MPL-2.0', reason: 'for tests, unchanged' },
  { name: 'argparse', licence: 'Python-2.0', reason: 'for tests, by way of dclint; as permissive as BSD' },
  {
    name: 'png-js',
    licence: undefined,
    reason: 'of pdfkit; its LICENSE file is MIT, which its manifest leaves out',
  },
  { name: 'axe-core', licence: 'MPL-2.0', reason: 'for tests, unchanged' },
  { name: 'lightningcss', licence: 'MPL-2.0', reason: 'for the build, unchanged' },
];

/** A package as the lock file describes it. */
export interface LockedPackage {
  name: string;
  /** Missing for a package that npm described without one, such as binaries of other platforms. */
  licence: string | undefined;
  optional: boolean;
}

/** Returns the packages whose licence is neither permissive nor an exception. */
export function refusedLicences(packages: readonly LockedPackage[]): LockedPackage[] {
  return packages.filter(
    ({ name, licence, optional }) =>
      // npm records no licence of optional binaries that it did not install. They have that of their parent.
      !(licence === undefined && optional) &&
      !isPermissive(licence ?? '') &&
      !EXCEPTIONS.some((exception) => name.startsWith(exception.name) && licence === exception.licence),
  );
}

/** Reads an SPDX expression without nesting. One alternative is enough, but every part counts. */
function isPermissive(expression: string): boolean {
  const parts = (text: string, operator: RegExp) => text.replace(/^\(|\)$/g, '').split(operator);
  return parts(expression, /\s+OR\s+/i).some((alternative) =>
    parts(alternative, /\s+AND\s+/i).every((licence) => PERMISSIVE.has(licence)),
  );
}
