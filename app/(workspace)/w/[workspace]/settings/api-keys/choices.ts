import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import { repositoryChoices } from '../repository-choices';

export const EXPIRIES = [
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '365d', label: '1 year' },
  { value: '', label: 'Never' },
] as const;

/** Returns the initial form: a key for selected repositories, none of them ticked yet, that expires after 90 days. */
export async function emptyForm(workspaceId: string): Promise<CreateKeyState> {
  return {
    created: null,
    values: { name: '', scope: 'selected', expiry: '90d', q: '' },
    ...(await repositoryChoices(workspaceId, '', [])),
    errors: {},
    problem: null,
  };
}
