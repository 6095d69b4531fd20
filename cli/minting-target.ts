import { z } from 'zod';
import { Slug } from '../lib/contract/members';
import { getDb } from '../lib/db/client';
import type { StopTarget } from '../lib/workspace/minting-stops';
import { UsageError } from './command';
import { findWorkspace } from './find-workspace';

/** The options that name what to stop or start. Without any, it is everything. */
export const TARGET_OPTIONS = { workspace: Slug.optional(), key: z.uuid().optional() };
export const TARGET_USAGE = '[--workspace acme | --key KEY_ID]';

type Given = { workspace?: string | undefined; key?: string | undefined };

/**
 * Finds the target that these options name.
 *
 * @throws {UsageError} if there is none, or both options are given
 */
export async function findTarget({ workspace, key: id }: Given): Promise<StopTarget> {
  if (workspace !== undefined && id !== undefined) throw new UsageError('give either --workspace or --key');
  if (workspace !== undefined) return { workspaceId: (await findWorkspace(workspace)).id, apiKey: null };
  if (id === undefined) return { workspaceId: null, apiKey: null };
  const key = await getDb().apiKey.findUnique({ where: { id }, select: { workspaceId: true, name: true } });
  if (key === null) throw new UsageError(`there is no API key "${id}"`);
  return { workspaceId: key.workspaceId, apiKey: { id, name: key.name } };
}

/** Returns the target's options as the result of a command. */
export const shownTarget = ({ workspace, key }: Given) => ({
  workspace: workspace ?? null,
  api_key_id: key ?? null,
});
