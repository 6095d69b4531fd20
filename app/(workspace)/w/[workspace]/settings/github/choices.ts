import type { ChoosableInstallation } from '@/components/github/installation-choice';
import type { Membership } from '@/lib/auth/membership';
import { findChoice } from '@/lib/connect/attempts';
import { hasRole } from '@/lib/contract/members';
import { isUuid } from '@/lib/db/uuid';
import { findAccountNames } from '@/lib/installation/account-names';

/** `proven`: how many there are, those included that GitHub does not tell us of now. */
export type InstallationChoices = { installations: ChoosableInstallation[]; proven: number };

/**
 * What the reader may choose from after proving to own more than one installation. Names come from GitHub, as nothing
 * is stored before one is chosen; one that GitHub cannot tell us of now is left out. Who may not connect chooses nothing.
 */
export async function choosableInstallations(
  attemptId: string | undefined,
  workspace: Membership,
  userId: string,
): Promise<InstallationChoices> {
  if (attemptId === undefined || !isUuid(attemptId) || !hasRole(workspace.role, 'admin'))
    return { installations: [], proven: 0 };
  const attempt = await findChoice(attemptId, workspace.id, userId);
  const proven = attempt?.provenInstallationIds ?? [];
  const installations = await findAccountNames(proven.map(Number));
  return { installations, proven: proven.length };
}
