import type { components } from '@octokit/openapi-types';
import type { TreeEntry } from '../git/store';
import type { Repository } from '../state/types';
import type { World } from '../world';
import { notFound } from './errors';

type File = components['schemas']['content-file'];
type Listed = components['schemas']['content-directory'][number];

/** Returns a file with its content, or the entries of a directory. https://docs.github.com/en/rest/repos/contents */
export async function contentsOf(
  world: World,
  repository: Repository,
  path: string,
  ref: string = repository.defaultBranch,
): Promise<File | Listed[]> {
  const sha = await world.git.head(repository, ref).catch(() => {
    throw notFound();
  });
  const entry = await world.git.entry(repository, sha, path);
  if (!entry) throw notFound();
  const base = `${world.urls.api}/repos/${world.state.fullName(repository)}/contents`;
  if (entry.type === 'tree') {
    const children = await world.git.children(repository, sha, path);
    return children.map((child) => listed(base, ref, child));
  }
  const content = await world.git.blob(repository, entry.sha);
  const file = listed(base, ref, entry);
  return {
    ...file,
    type: 'file',
    size: content.length,
    encoding: 'base64',
    content: content.toString('base64').replace(/.{60}/g, '$&\n'),
  };
}

function listed(base: string, ref: string, entry: TreeEntry): Listed {
  const url = `${base}/${entry.path}?ref=${encodeURIComponent(ref)}`;
  return {
    type: entry.type === 'tree' ? 'dir' : 'file',
    size: entry.size,
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    url,
    git_url: null,
    html_url: null,
    download_url: null,
    _links: { self: url, git: null, html: null },
  };
}
