import type { ChoosableInstallation } from '@/components/github/installation-choice';
import { findChoice } from '@/lib/connection/connect-attempt';
import { isUuid } from '@/lib/db/uuid';
import { GitHubError } from '@/lib/github/error';
import { getInstallation } from '@/lib/github/installations';

/** `proven`: how many there are, those included that GitHub does not tell us of now. */
export type InstallationChoices = { installations: ChoosableInstallation[]; proven: number };

/**
 * What the reader may choose from after proving to own more than one installation. Names come from GitHub, as nothing
 * is stored before one is chosen; one that GitHub cannot tell us of now is left out.
 */
export async function choosableInstallations(
  attemptId: string | undefined,
  workspaceId: string,
  userId: string,
): Promise<InstallationChoices> {
  if (attemptId === undefined || !isUuid(attemptId)) return { installations: [], proven: 0 };
  const attempt = await findChoice(attemptId, workspaceId, userId);
  const proven = attempt?.provenInstallationIds ?? [];
  const known = await Promise.all(proven.map((id) => lookUp(Number(id))));
  return { installations: known.filter((installation) => installation !== null), proven: proven.length };
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
