import { orNotNow } from '@/app/page-reads';
import { CloneCommands } from '@/components/api-keys/clone-commands';
import { NewKeyNotice } from '@/components/api-keys/key-facts';
import { QuickKey } from '@/components/api-keys/quick-key';
import { areStepsOver, FirstSteps, HiddenFirstSteps } from '@/components/first-steps/first-steps';
import { findApiKey } from '@/lib/api-keys/read-api-keys';
import type { Membership } from '@/lib/auth/session';
import type { InstallationView } from '@/lib/installation/list';
import { listRepositories } from '@/lib/installation/list-repositories';
import { Problem } from '@/lib/problem';
import { hasIssuers } from '@/lib/workload/issuers';
import type { FirstSteps as Progress } from '@/lib/workspace/first-steps';
import { createKey } from '../api-keys/actions';
import { quickForm } from '../api-keys/choices';
import { cloneCommands } from '../api-keys/clone-commands';
import { hideSteps } from './actions';

type StepsToCloneProps = { workspace: Membership; live: InstallationView[]; steps: Progress };

/** How many repositories the form offers. A search is on the page for a new key. */
const OFFERED = 100;

/** The first steps of a workspace, until they are over. Everything shown is read anew, so that every tab agrees. */
export async function StepsToClone({ workspace, live, steps }: StepsToCloneProps) {
  if (areStepsOver(steps, new Date())) return null;
  const hide = hideSteps.bind(null, workspace.slug);
  if (steps.isHidden) return <HiddenFirstSteps show={hide} />;
  const settings = `/w/${workspace.slug}/settings`;
  const scope = { workspaceId: workspace.id, repositoryIds: null, onlyReadable: true };
  const [readable, commands] = await Promise.all([
    steps.areKeysAllowed && steps.firstToken === null
      ? orNotNow(listRepositories(scope, { limit: OFFERED }))
      : null,
    commandsOf(workspace.id, steps.waiting),
  ]);
  return (
    <FirstSteps
      progress={steps}
      connected={{
        accounts: live.map(({ account }) => account.login),
        repositories: live.reduce((sum, { repository_count }) => sum + repository_count, 0),
      }}
      settings={settings}
      hasIssuers={hasIssuers()}
      hide={hide}
      quickKey={
        <QuickKey
          action={createKey.bind(null, workspace.slug)}
          initial={quickForm()}
          repositories={(readable?.value?.data ?? []).map(({ id, full_name }) => ({ id, full_name }))}
          notice={<NewKeyNotice />}
          doneHref={`${settings}/github`}
          isWaiting={steps.waiting !== null}
          waiting={commands === null ? null : <CloneCommands commands={commands} />}
        />
      }
    />
  );
}

/** Returns commands for a key that was not used yet. A trust rule has none, because its platform is elsewhere. */
async function commandsOf(workspaceId: string, waiting: Progress['waiting']) {
  if (waiting?.kind !== 'api_key') return null;
  const key = await findApiKey(workspaceId, waiting.id).catch((error: unknown) => {
    // Deleted since the steps were read.
    if (error instanceof Problem && error.code === 'not_found') return null;
    throw error;
  });
  return key === null ? null : cloneCommands(workspaceId, key.repositories);
}
