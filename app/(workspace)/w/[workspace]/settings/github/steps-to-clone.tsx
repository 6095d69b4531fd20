import { orNotNow } from '@/app/page-reads';
import { CloneCommands } from '@/components/api-keys/clone-commands';
import { type CloneCommands as Commands, firstClone } from '@/components/api-keys/first-clone';
import { NewKeyNotice } from '@/components/api-keys/key-facts';
import { QuickKey } from '@/components/api-keys/quick-key';
import { areStepsOver, FirstSteps, HiddenFirstSteps } from '@/components/first-steps/first-steps';
import { findApiKey } from '@/lib/api-keys/read-api-keys';
import type { Membership } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import type { InstallationView } from '@/lib/installation/list';
import { listRepositories } from '@/lib/installation/list-repositories';
import { Problem } from '@/lib/problem';
import { hasIssuers } from '@/lib/workload/issuers';
import type { FirstSteps as Progress } from '@/lib/workspace/first-steps';
import { createKey } from '../api-keys/actions';
import { quickForm } from '../api-keys/choices';
import { cloneCommands } from '../api-keys/clone-commands';
import { hideSteps } from './actions';

type StepsProps = { workspace: Membership; steps: Progress };

/** How many repositories the form offers. A search is on the page for a new key. */
const OFFERED = 100;

/** True while the page offers to create a key. */
const offersKey = ({ areKeysAllowed, firstToken }: Progress) => areKeysAllowed && firstToken === null;

/** The first steps of a workspace, until they are over. Everything shown is read anew, so that every tab agrees. */
export async function StepsToClone({ live, ...props }: StepsProps & { live: InstallationView[] }) {
  const { workspace, steps } = props;
  if (areStepsOver(steps, new Date()) || steps.isHidden) return <Steps {...props} {...NOTHING_READ} />;
  const scope = { workspaceId: workspace.id, repositoryIds: null, onlyReadable: true };
  const [readable, commands] = await Promise.all([
    offersKey(steps) ? orNotNow(listRepositories(scope, { limit: OFFERED })) : null,
    commandsOf(workspace.id, steps.waiting),
  ]);
  return (
    <Steps
      {...props}
      connected={{
        accounts: live.map(({ account }) => account.login),
        repositories: live.reduce((sum, { repository_count }) => sum + repository_count, 0),
      }}
      repositories={(readable?.value?.data ?? []).map(({ id, full_name }) => ({ id, full_name }))}
      commands={commands}
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

/** The box that {@link StepsToClone} replaces. It has the same size, because it holds the same, with samples. */
export function StepsBox({ workspace, steps }: StepsProps) {
  if (!steps.isConnected || areStepsOver(steps, new Date())) return null;
  const sample = {
    full_name: 'acme/repository',
    clone_url: `${getConfig().github.webUrl}/acme/repository.git`,
  };
  const waitsForKey = steps.waiting?.kind === 'api_key' && steps.hasRepositories;
  return (
    <div inert aria-hidden className="animate-pulse rounded-xl bg-hover">
      <div className="invisible">
        <Steps
          workspace={workspace}
          steps={steps}
          {...NOTHING_READ}
          repositories={
            offersKey(steps) && steps.hasRepositories ? [{ id: 0, full_name: sample.full_name }] : []
          }
          commands={waitsForKey ? firstClone(getConfig().publicUrl, sample) : null}
        />
      </div>
    </div>
  );
}

type Read = {
  connected: { accounts: readonly string[]; repositories: number };
  repositories: readonly { id: number; full_name: string }[];
  commands: Commands | null;
};

const NOTHING_READ: Read = { connected: { accounts: [], repositories: 0 }, repositories: [], commands: null };

function Steps({ workspace, steps, connected, repositories, commands }: StepsProps & Read) {
  if (areStepsOver(steps, new Date())) return null;
  const settings = `/w/${workspace.slug}/settings`;
  const hide = hideSteps.bind(null, workspace.slug);
  if (steps.isHidden) return <HiddenFirstSteps show={hide} />;
  return (
    <FirstSteps
      progress={steps}
      connected={connected}
      settings={settings}
      hasIssuers={hasIssuers()}
      hide={hide}
      quickKey={
        <QuickKey
          action={createKey.bind(null, workspace.slug)}
          initial={quickForm()}
          repositories={repositories}
          notice={<NewKeyNotice />}
          doneHref={`${settings}/github`}
          isWaiting={steps.waiting !== null}
          waiting={commands === null ? null : <CloneCommands commands={commands} />}
        />
      }
    />
  );
}
