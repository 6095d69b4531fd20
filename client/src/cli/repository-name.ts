import { CommandError, EXIT } from './exit-codes.js';

const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/** Names that GitHub does not give out. Each would be a folder of git or of the system. */
const RESERVED = new Set(['.', '..', '.git']);

/**
 * Reads `owner/name` from the command line. A `.git` at the end is left out.
 *
 * @throws CommandError if the text is not a name that GitHub allows
 */
export function parseRepositoryName(text: string): string {
  const name = readName(text);
  if (name === undefined)
    throw new CommandError(EXIT.usage, `${JSON.stringify(text)} is not a repository: write owner/name`);
  return name;
}

/**
 * Returns the repository that a path of git or of Git LFS is about.
 *
 * @param path such as `acme/api.git` or `acme/api.git/info/lfs/objects/batch`
 * @returns `acme/api`, or undefined if the path is not a repository's
 */
export function repositoryOfPath(path: string): string | undefined {
  const [owner = '', name = '', ...rest] = path.replace(/^\/+|\/+$/g, '').split('/');
  if (rest.length > 0 && rest.slice(0, 2).join('/') !== 'info/lfs') return undefined;
  return readName(`${owner}/${name}`);
}

function readName(text: string): string | undefined {
  const [owner = '', name = '', ...rest] = text.split('/');
  const bare = name.replace(/\.git$/, '');
  const isName = OWNER.test(owner) && NAME.test(bare) && !RESERVED.has(bare) && rest.length === 0;
  return isName ? `${owner}/${bare}` : undefined;
}
