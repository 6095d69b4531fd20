import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { shownNotice } from '@/app/notices';
import type { SearchParams } from '@/app/request';
import { KeyFacts, keyState, NewKeyNotice } from '@/components/api-keys/key-facts';
import { RotateKeyForm } from '@/components/api-keys/rotate-key-form';
import { MintingStopped } from '@/components/github/minting-stopped';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { Card, CardContent, CardHeader } from '@/components/ui/card';
import { Checkbox, Choice } from '@/components/ui/field';
import { NoticeBanner } from '@/components/ui/notice';
import { type FormAction, SubmitButton } from '@/components/ui/submit-button';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { findApiKey, findRotatedKeys } from '@/lib/api-keys/read-api-keys';
import { getConfig } from '@/lib/config';
import type { ApiKey } from '@/lib/contract/api-keys';
import { Problem } from '@/lib/problem';
import { listMintingStops } from '@/lib/workspace/minting-stops';
import { memberOf } from '../../../member-of';
import { revokeKey, rotateKey } from '../actions';
import { KEY_NOTICES } from '../notices';

export const metadata: Metadata = { title: 'API key' };

const OVERLAPS = [
  { value: '0s', label: 'No time: end it now' },
  { value: '1h', label: '1 hour' },
  { value: '1d', label: '1 day' },
  { value: '7d', label: '7 days' },
] as const;

type ApiKeyProps = { params: Promise<{ workspace: string; id: string }>; searchParams: SearchParams };

export default async function ApiKeyPage({ params, searchParams }: ApiKeyProps) {
  const { workspace: slug, id } = await params;
  const { workspace } = await memberOf(slug, 'admin');
  const path = `/w/${workspace.slug}/settings/api-keys`;
  const key = await findKey(workspace.id, id);
  const [rotated, stops] = await Promise.all([
    findRotatedKeys(workspace.id, [key.id]),
    listMintingStops(workspace.id),
  ]);
  const notice = shownNotice(KEY_NOTICES, await searchParams);
  const facts = <KeyFacts apiKey={key} state={keyState(key, rotated.has(key.id), new Date())} />;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-6">
      <BackLink href={path}>API keys</BackLink>
      <PageHeader
        title={<UntrustedText>{key.name}</UntrustedText>}
        description="An API key of this workspace."
      />
      <MintingStopped stops={stops.filter(({ api_key }) => api_key === null || api_key.id === key.id)} />
      {notice ? <NoticeBanner notice={notice} dismissHref={`${path}/${key.id}`} /> : null}
      {key.status === 'active' ? (
        <RotateKeyForm
          action={rotateKey.bind(null, workspace.slug)}
          fields={<RotationFields id={key.id} />}
          oldKey={facts}
          otherActions={
            <RevokeCard
              id={key.id}
              prefix={key.display_prefix}
              action={revokeKey.bind(null, workspace.slug)}
            />
          }
          notice={<NewKeyNotice />}
          mintUrl={`${getConfig().publicUrl}/api/v1/internal/github/token`}
          doneHref={path}
        />
      ) : (
        facts
      )}
    </div>
  );
}

function RotationFields({ id }: { id: string }) {
  return (
    <>
      <input type="hidden" name="id" value={id} />
      <fieldset className="min-w-0">
        <legend className="mb-2 font-medium text-[13px]">Keep the old key working for</legend>
        <div className="flex flex-wrap gap-2">
          {OVERLAPS.map(({ value, label }) => (
            <Choice key={value} name="overlap" value={value} defaultChecked={value === '1d'}>
              {label}
            </Choice>
          ))}
        </div>
      </fieldset>
      <div>
        <SubmitButton variant="primary">Rotate key</SubmitButton>
      </div>
    </>
  );
}

function RevokeCard({ id, prefix, action }: { id: string; prefix: string; action: FormAction }) {
  return (
    <Card>
      <CardHeader
        title={
          <>
            Revoke <code className="font-mono text-sm">{prefix}…</code>
          </>
        }
      >
        Ends the key at once and for good. Tokens that were minted with it before can work until they expire,
        at most one hour from now.
      </CardHeader>
      <CardContent>
        <form action={action} className="grid gap-4">
          <input type="hidden" name="id" value={id} />
          <label htmlFor="confirmed" className="flex items-start gap-2.5 text-sm">
            <Checkbox id="confirmed" name="confirmed" value="yes" required className="mt-0.5" />I understand
            that anything using this key stops working
          </label>
          <div>
            <SubmitButton variant="danger">Revoke key</SubmitButton>
          </div>
        </form>
      </CardContent>
    </Card>
  );
}

async function findKey(workspaceId: string, id: string): Promise<ApiKey> {
  return findApiKey(workspaceId, id).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') notFound();
    throw error;
  });
}
