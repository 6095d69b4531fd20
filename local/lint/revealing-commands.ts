/** Finds shell commands that print a token, put a secret into a command line, or answer git for any host. */

/** Parts of the shell itself, so that their arguments are in no list of processes. */
const BUILTINS = new Set(['printf', 'echo', 'export', 'read', 'test', '[', 'unset', ':', 'set', 'local']);

const SECRET_NAME = '[A-Z_]*(?:TOKEN|KEY|SECRET|JWT|SESSION|PASSWORD|PEM)';
/** A variable that holds a secret, unless it only names a file. */
const SECRET_VARIABLE = new RegExp(`\\$\\{?(?:${SECRET_NAME})(?![A-Z_])`);
const LITERAL = /\b(?:psk_|gh[oprsu]_|github_pat_)/;
const IN_URL = /https?:\/\/[^\s/'"]*:[^\s/'"]*@/;

const MINTS = /\/github\/token(?!\/revoke)\b/;
const PRINTS = [/\bjq\b[^|]*\.token\b/, /\bpulsestream(?:-[\d.]+\.tgz)? token\b/];
const ECHOES = new RegExp(`\\becho\\b[^|]*${SECRET_VARIABLE.source}`);

/** A helper that prints a password, for every host that git asks about. */
const ANY_HOST = /credential\.helper=(?!\s)['"]?!(?!(?:npx (?:--no |--yes https?:\/\/\S+\/)?)?pulsestream\b)/;

/** Blanks what the shell does not expand, and keeps the length. */
const withoutQuoted = (text: string) =>
  text.replaceAll(/'[^']*'/g, (quoted) => `'${'_'.repeat(quoted.length - 2)}'`);

/** Joins continued lines, and splits a script into its statements. A pipeline is one statement. */
function statementsOf(script: string): string[] {
  const joined = script.replaceAll(/\\\n\s*/g, ' ').replaceAll(/\|\s*\n\s*/g, '| ');
  return joined
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*\$ /, '')
        .replace(/(^|\s)#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** Returns the simple commands of a statement, those within `$(…)` too. */
const commandsOf = (statement: string) =>
  statement
    .split(/\$\(|\|\|?|&&|;|\)/)
    .map((command) => command.trim().replace(/^["']+/, ''))
    .filter((command) => command !== '');

/** Returns the name of a command, without the variables that are set for it. */
const wordOf = (command: string) => command.replace(/^(?:[A-Za-z_]\w*=\S*\s+)*/, '').split(/\s/)[0] ?? '';

function revealsInArguments(statement: string): boolean {
  if (IN_URL.test(statement)) return true;
  return commandsOf(withoutQuoted(statement)).some((command) => {
    const word = wordOf(command);
    if (word === '' || BUILTINS.has(word) || /^[A-Za-z_]\w*=/.test(word)) return false;
    return SECRET_VARIABLE.test(command) || LITERAL.test(command);
  });
}

/** True if a statement keeps its output from the screen: it is captured, goes to a file, or to a command. */
const isCaptured = (statement: string, pattern: RegExp) => {
  const at = statement.search(pattern);
  const before = statement.slice(0, at);
  return (
    /=\s*"?\$\(/.test(before) || /^export \w+="?\$\(/.test(before) || /(?:\s-o\s|\s>\s?)\S/.test(statement)
  );
};

function prints(statement: string): boolean {
  const mints = MINTS.test(statement) && /\bcurl\b/.test(statement);
  const patterns = [...PRINTS, ...(mints ? [MINTS] : [])];
  const isPrinted = (text: string, pattern: RegExp) => pattern.test(text) && !isCaptured(text, pattern);
  return (
    patterns.some((pattern) => isPrinted(statement, pattern)) || isPrinted(withoutQuoted(statement), ECHOES)
  );
}

/** Returns what a shell script reveals, one line for each finding. */
export function findRevealing(script: string): string[] {
  return statementsOf(script).flatMap((statement) => [
    ...(revealsInArguments(statement) ? [`puts a secret into a command line: ${statement}`] : []),
    ...(prints(statement) ? [`prints a token: ${statement}`] : []),
    ...(ANY_HOST.test(statement) ? [`answers git for any host: ${statement}`] : []),
  ]);
}

/** Returns the contents of the fenced blocks of a document in Markdown that a shell could run. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^[ \t]*```(?:sh|bash|shell|console|yaml|yml)?\n(.*?)^[ \t]*```/gms)].map(
    ([, code = '']) => code,
  );
}
