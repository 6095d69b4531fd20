import { HealthCard, type HealthItem } from '@/components/github/health-card';
import { PermissionsCard } from '@/components/github/permissions-card';
import { isGitHubCause } from '@/lib/contract/github-causes';
import { causeTexts } from '@/lib/github/errors';
import { toProblem } from '@/lib/http/failure';
import type { InstallationView } from '@/lib/installation/list';
import { comparePermissions, type Permission } from '@/lib/installation/permissions';
import { limitWork } from '@/lib/rate-limit/limiter';
import { listMintingStops } from '@/lib/workspace/minting-stops';

type HealthProps = { workspaceId: string; installation: InstallationView; configureHref: string };

/** Says by the causes of the doctor whether a connection works, and compares its permissions with those of the App. */
export async function Health({ workspaceId, installation, configureHref }: HealthProps) {
  const [permissions, stops] = await Promise.all([
    readPermissions(workspaceId, installation.id),
    listMintingStops(workspaceId),
  ]);
  const stop = stops.find(({ scope }) => scope !== 'api_key');
  const items: HealthItem[] = [
    ofStatus(installation),
    ofSync(installation),
    ofPermissions(permissions),
    stop === undefined
      ? { name: 'Tokens', isWell: true, found: 'Tokens are issued.' }
      : { name: 'Tokens', isWell: false, found: `The operator has stopped issuing tokens: ${stop.reason}` },
  ];
  return (
    <>
      <HealthCard items={items} />
      {permissions.value === null ? null : (
        <PermissionsCard permissions={permissions.value} configureHref={configureHref} />
      )}
    </>
  );
}

type Read = { value: Permission[]; problem: null } | { value: null; problem: string };

/** Asks GitHub for the permissions. A failure is a finding about the connection, and no fault of the page. */
async function readPermissions(workspaceId: string, installationId: number): Promise<Read> {
  try {
    await limitWork('permissions', workspaceId);
    return { value: await comparePermissions(installationId), problem: null };
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'internal') throw error;
    return { value: null, problem: problem.message };
  }
}

function ofStatus({ status }: InstallationView): HealthItem {
  if (status !== 'suspended') return { name: 'Installation', isWell: true, found: 'It is active on GitHub.' };
  return { name: 'Installation', isWell: false, ...causeTexts('installation_suspended') };
}

function ofSync({ sync_error, synced_at }: InstallationView): HealthItem {
  const name = 'Repository list';
  if (sync_error === null)
    return synced_at === null
      ? { name, isWell: true, found: 'The first sync has not ended yet.' }
      : { name, isWell: true, found: 'It is up to date.', at: synced_at };
  if (isGitHubCause(sync_error)) return { name, isWell: false, ...causeTexts(sync_error) };
  return {
    name,
    isWell: false,
    found:
      sync_error === 'end_seen'
        ? 'GitHub does not show this installation at the moment. We are checking whether it was uninstalled.'
        : 'The last sync did not succeed.',
  };
}

function ofPermissions({ value, problem }: Read): HealthItem {
  const name = 'Permissions';
  if (value === null) return { name, isWell: false, found: `They could not be read from GitHub. ${problem}` };
  const pending = value.filter(({ state }) => state === 'pending');
  if (pending.length === 0) return { name, isWell: true, found: 'The account has granted all of them.' };
  return { name, isWell: false, ...causeTexts('permissions_not_granted') };
}
