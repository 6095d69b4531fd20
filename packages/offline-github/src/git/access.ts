import { resolveToken, type TokenCredential } from '../api/credentials';
import { ApiError } from '../api/errors';
import type { HttpContext } from '../http-env';
import type { Repository } from '../state/types';
import { hashToken } from '../tokens';
import type { World } from '../world';

export type GitService = 'git-upload-pack' | 'git-receive-pack';
export type GitAccess =
  | { granted: true; repository: Repository; credential: TokenCredential | null }
  | { granted: false; status: number; message: string };

const unauthorized: GitAccess = {
  granted: false,
  status: 401,
  message: 'Invalid username or token. Password authentication is not supported for Git operations.\n',
};
const repositoryNotFound: GitAccess = { granted: false, status: 404, message: 'Repository not found.\n' };
/** GitHub's response to a denied write, and also to a read without the `contents` permission. */
const writeDenied: GitAccess = {
  granted: false,
  status: 403,
  message: 'Write access to repository not granted.\n',
};

/**
 * Decides whether a git request is allowed.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation#about-authentication-as-a-github-app-installation
 */
export function decideAccess(world: World, c: HttpContext, service: GitService): GitAccess {
  const { state } = world;
  const fullName = `${c.req.param('owner')}/${(c.req.param('repo') ?? '').replace(/\.git$/, '')}`;
  const repository = state.repositoryByName(fullName) ?? state.repositoryByFormerName(fullName);
  const credential = credentialOf(world, c);
  if (credential === 'missing') {
    const anonymous = repository !== undefined && !repository.private && service === 'git-upload-pack';
    return anonymous ? { granted: true, repository, credential: null } : unauthorized;
  }
  if (!('kind' in credential)) return credential;
  if (!repository) return repositoryNotFound;
  const granted: GitAccess = { granted: true, repository, credential };
  const level = levelOf(world, credential, repository);
  const isPush = service === 'git-receive-pack';
  if (!isPush && !repository.private) return granted;
  if (level === 'none') return repositoryNotFound;
  if (level === 'metadata' || (isPush && level === 'read')) return writeDenied;
  return isPush && repository.archived ? archived(fullName) : granted;
}

function archived(fullName: string): GitAccess {
  const message = `This repository was archived so it is read-only: ${fullName}.\n`;
  return { granted: false, status: 403, message };
}

/** Reads the token from the HTTP Basic password. The username is ignored. */
function credentialOf(world: World, c: HttpContext): TokenCredential | GitAccess | 'missing' {
  const [scheme = '', encoded = ''] = (c.req.header('authorization') ?? '').split(' ');
  if (scheme === '') return 'missing';
  const basic = Buffer.from(encoded, 'base64').toString('utf8');
  const token = scheme.toLowerCase() === 'basic' ? basic.slice(basic.indexOf(':') + 1) : encoded;
  const entry = c.get('entry');
  entry.auth = 'invalid';
  entry.credentialHash = hashToken(token);
  try {
    const credential = resolveToken(world, token);
    entry.auth = credential.kind;
    if (credential.kind === 'installation') entry.installationId = credential.installation.id;
    return world.knobs.takeGitRejection(entry.credentialHash) ? repositoryNotFound : credential;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return repositoryNotFound;
    return error.status === 403
      ? { granted: false, status: 403, message: `${error.message}\n` }
      : unauthorized;
  }
}

type Level = 'none' | 'metadata' | 'read' | 'write';

function levelOf(world: World, credential: TokenCredential, repository: Repository): Level {
  const { state } = world;
  const installation =
    credential.kind === 'installation'
      ? credential.installation
      : state.installationOf(state.ownerOf(repository));
  if (!installation || !state.covers(installation, repository)) return 'none';
  if (credential.kind === 'user') {
    const role = state.roleOn(credential.user, repository);
    if (role === null) return 'none';
    return installation.permissions.contents ?? 'metadata';
  }
  const { repositoryIds, permissions } = credential.record;
  if (repositoryIds && !repositoryIds.has(repository.id)) return 'none';
  return permissions.contents ?? 'metadata';
}
