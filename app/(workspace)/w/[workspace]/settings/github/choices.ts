import type { ChoosableInstallation } from '@/components/github/installation-choice';
import { findChoice } from '@/lib/connection/connect-attempt';
import { isUuid } from '@/lib/db/uuid';
import { GitHubError } from '@/lib/github/error';
import { getInstallation } from '@/lib/github/installations';

/**
 * What the reader may choose from after proving to own more than one installation. Names come from GitHub, as nothing
 * is stored before one is chosen; one that GitHub cannot tell us of now is left out.
 */
export async function choosableInstallations(
  attemptId: string | undefined,
  workspaceId: string,
  userId: string,
): Promise<ChoosableInstallation[]> {
  if (attemptId === undefined || !isUuid(attemptId)) return [];
  const attempt = await findChoice(attemptId, workspaceId, userId);
  const proven = attempt?.provenInstallationIds ?? [];
  const known = await Promise.all(proven.map((id) => lookUp(Number(id))));
  return known.filter((installation) => installation !== null);
}

async function lookUp(id: number): Promise<ChoosableInstallation | null> {
  try {
    const { account } = await getInstallation(id);
    return { id, login: account.login, type: account.type };
  } catch (error) {
    if (error instanceof GitHubError) return null;
    throw error;
  }
}
