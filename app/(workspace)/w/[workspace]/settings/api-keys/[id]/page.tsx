import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { orNotFound } from '@/app/page-reads';
import { firstValue, type SearchParams } from '@/app/request';
import { EditKeyForm } from '@/components/api-keys/edit-key-form';
import { isInUse, KeyFacts, NewKeyNotice } from '@/components/api-keys/key-facts';
import { KeysForbidden } from '@/components/api-keys/keys-allowed';
import { RotateKeyForm } from '@/components/api-keys/rotate-key-form';
import { Expiries } from '@/components/credentials/expiries';
import { RevokeCard } from '@/components/credentials/revoke-card';
import { keyState } from '@/components/credentials/state';
import { MintingStopped } from '@/components/github/minting-stopped';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { ButtonLink } from '@/components/ui/button-link';
import { Card, CardContent, CardFooter, CardHeader } from '@/components/ui/card';
import { Consequences } from '@/components/ui/consequences';
import { NoticeBanner } from '@/components/ui/notice';
import { SubmitButton } from '@/components/ui/submit-button';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { findApiKey, findRotatedKeys } from '@/lib/api-keys/read-api-keys';
import { hasIssuers } from '@/lib/workload/issuers';
import { readWorkspace } from '@/lib/workspace/api-keys-allowed';
import { listMintingStops } from '@/lib/workspace/minting-stops';
import { linksFor } from '../../../links-for';
import { memberOf } from '../../../member-of';
import { Use } from '../../../use-of-actor';
import { editKey, revokeKey, rotateKey } from '../actions';
import { editKeyForm } from '../choices';
import { KEY_NOTICES, moveHref } from '../notices';

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
  const key = await orNotFound(findApiKey(workspace.id, id));
  const [{ api_keys_allowed }, rotated, stops, links] = await Promise.all([
    readWorkspace(workspace.id),
    findRotatedKeys(workspace.id, [key.id]),
    listMintingStops(workspace.id),
    linksFor(workspace, [key.created_by]),
  ]);
  const query = await searchParams;
  const notice = shownNotice(KEY_NOTICES, query);
  const now = new Date();
  const facts = (
    <>
      <KeyFacts
        apiKey={key}
        links={links}
        state={keyState(key, { isRotated: rotated.has(key.id), areAllowed: api_keys_allowed, now })}
      />
      <Use workspace={workspace} of={{ actorId: key.id }} />
      {hasIssuers() && isInUse(key, now) ? <MoveCard href={moveHref(workspace.slug, key.id)} /> : null}
      {key.status === 'active' ? (
        <Card>
          <CardHeader title="Edit">Changes apply from the key’s next request on.</CardHeader>
          <CardContent>
            <EditKeyForm
              action={editKey.bind(null, workspace.slug)}
              initial={await editKeyForm(workspace.id, key)}
              id={key.id}
            />
          </CardContent>
        </Card>
      ) : null}
    </>
  );
  const revocation = (
    <RevokeCard
      credential={key}
      noun="key"
      title={
        <>
          Revoke <code className="font-mono text-sm">{key.display_prefix}…</code>
        </>
      }
      consequence="Anything that uses this key stops working."
      action={revokeKey.bind(null, workspace.slug)}
      path={`${path}/${key.id}`}
      isAsked={firstValue(query.ask) === 'revoke'}
    />
  );
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <BackLink href={path}>API keys</BackLink>
      <PageHeader
        title={<UntrustedText>{key.name}</UntrustedText>}
        description="An API key of this workspace."
      />
      <MintingStopped stops={stops.filter(({ api_key }) => api_key === null || api_key.id === key.id)} />
      {notice ? <NoticeBanner notice={notice} dismissHref={`${path}/${key.id}`} /> : null}
      {api_keys_allowed ? null : <KeysForbidden action={null} hasIssuers={hasIssuers()} />}
      <RotateKeyForm
        id={key.id}
        path={`${path}/${key.id}`}
        action={rotateKey.bind(null, workspace.slug)}
        head={
          <CardHeader title="Rotate">
            Makes a new key with the same name, repositories, networks and lifetime. The old one keeps working
            for a while, so that you can replace it where it is used.
          </CardHeader>
        }
        consequences={
          <Consequences>
            <li>Anything that uses the old key stops working until it has the new one.</li>
            <li>The new key is shown once, right after this.</li>
          </Consequences>
        }
        fields={key.status === 'active' && api_keys_allowed ? <RotationFields id={key.id} /> : null}
        oldKey={facts}
        otherActions={key.status === 'active' ? revocation : null}
        notice={<NewKeyNotice />}
        doneHref={path}
      />
    </div>
  );
}

function MoveCard({ href }: { href: string }) {
  return (
    <Card>
      <CardHeader title="Move to a trust rule">
        A service uses this key, which works for anyone who gets hold of it. With a trust rule, the service
        proves who it is by a short-lived token of its own platform, so there is no key to steal.
      </CardHeader>
      <CardFooter>
        <ButtonLink size="sm" href={href}>
          Move to a trust rule
        </ButtonLink>
      </CardFooter>
    </Card>
  );
}

function RotationFields({ id }: { id: string }) {
  return (
    <>
      <input type="hidden" name="id" value={id} />
      <Expiries expiries={OVERLAPS} chosen="1d" name="overlap" legend="Keep the old key working for" />
      <div>
        <SubmitButton variant="primary">Rotate key</SubmitButton>
      </div>
    </>
  );
}
