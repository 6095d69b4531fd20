import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import type { EditKeyState } from '@/components/api-keys/edit-key-form';
import type { ApiKey } from '@/lib/contract/api-keys';
import { choicesWithGranted, repositoryChoices } from '../repository-choices';

export const EXPIRIES = [
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '365d', label: '1 year' },
  { value: '', label: 'Never' },
] as const;

/** Returns the initial form: a key for these repositories, which are ticked already, that expires after 90 days. */
export async function emptyForm(workspaceId: string, chosen: number[]): Promise<CreateKeyState> {
  return {
    created: null,
    values: { name: '', scope: 'selected', networks: '', expiry: '90d', q: '' },
    ...(await repositoryChoices(workspaceId, '', chosen)),
    errors: {},
    problem: null,
  };
}

/** Returns the form that leads to a first clone with one click: a key for one repository, for a week. */
export const quickForm = (): CreateKeyState => ({
  created: null,
  values: { name: 'first clone', scope: 'selected', networks: '', expiry: '7d', q: '' },
  choices: [],
  more: false,
  errors: {},
  problem: null,
});

/** Returns the form for a key as it is now. */
export async function editKeyForm(workspaceId: string, key: ApiKey): Promise<EditKeyState> {
  const { name, repositories, networks } = key;
  return {
    values: { name, scope: repositories === null ? 'all' : 'selected', networks: networks.join('\n'), q: '' },
    ...(await choicesWithGranted(workspaceId, repositories ?? [])),
    errors: {},
    problem: null,
  };
}
