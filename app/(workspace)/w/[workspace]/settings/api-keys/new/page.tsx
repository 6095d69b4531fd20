import type { Metadata } from 'next';
import type { SearchParams } from '@/app/request';
import { CreateKeyForm } from '@/components/api-keys/create-key-form';
import { NewKeyNotice } from '@/components/api-keys/key-facts';
import { KeysForbidden } from '@/components/api-keys/keys-allowed';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { Card } from '@/components/ui/card';
import { hasIssuers } from '@/lib/workload/issuers';
import { readWorkspace } from '@/lib/workspace/api-keys-allowed';
import { memberOf } from '../../../member-of';
import { chosenIds } from '../../repository-choices';
import { createKey } from '../actions';
import { EXPIRIES, emptyForm } from '../choices';

export const metadata: Metadata = { title: 'New API key' };

type NewApiKeyProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

/** The form for a new key. The URL may name the repositories to begin with, as ids in `repository`. */
export default async function NewApiKeyPage({ params, searchParams }: NewApiKeyProps) {
  const { workspace } = await memberOf((await params).workspace, 'admin');
  const path = `/w/${workspace.slug}/settings/api-keys`;
  const chosen = chosenIds((await searchParams).repository);
  const { api_keys_allowed } = await readWorkspace(workspace.id);
  return (
    <div className="flex max-w-2xl flex-col gap-6">
      <BackLink href={path}>API keys</BackLink>
      <PageHeader
        title="New API key"
        description="The holder of the key can get read-only tokens that live one hour, and nothing else."
      />
      {api_keys_allowed ? (
        <Card className="p-5 sm:p-6">
          <CreateKeyForm
            action={createKey.bind(null, workspace.slug)}
            initial={await emptyForm(workspace.id, chosen)}
            expiries={EXPIRIES}
            notice={<NewKeyNotice />}
            doneHref={path}
          />
        </Card>
      ) : (
        <KeysForbidden action={null} hasIssuers={hasIssuers()} />
      )}
    </div>
  );
}
