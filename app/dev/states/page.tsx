import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { firstClone } from '@/components/api-keys/first-clone';
import { NewKeyNotice } from '@/components/api-keys/key-facts';
import { NewKey } from '@/components/api-keys/new-key';
import { AuditLogBoxes } from '@/components/audit-log/audit-log-boxes';
import { ComparisonResult } from '@/components/audit-log/comparison-result';
import { type ExportState, ExportStatus } from '@/components/audit-log/export-progress';
import { VerificationPending } from '@/components/audit-log/verification';
import { MessagePage } from '@/components/errors/message-page';
import { GitHubBoxes } from '@/components/github/github-boxes';
import { SignInCard } from '@/components/sign-in/sign-in-card';
import { Button } from '@/components/ui/button';
import { SkeletonRows } from '@/components/ui/skeleton';
import type { Comparison } from '@/lib/audit/compare';
import { getConfig } from '@/lib/config';

export const metadata: Metadata = { title: 'States' };

/** Stands in for server actions and event handlers. */
async function doNothing(): Promise<void> {
  'use server';
}

const HASH = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const AT = '2026-11-22T20:05:35.000Z';

const COMPARISON: Comparison = {
  entries: 4_310,
  entries_of_app: 212,
  app_slugs: ['pulsestream'],
  from: '2026-11-01T00:00:00.000Z',
  to: AT,
  joined: 64,
  unknown_count: 1,
  unknown: [{ hashed_token: HASH, first_seen: AT, last_seen: AT, requests: 3, installation_id: 1 }],
  unused_count: 1,
  unused: [{ hashed_token: HASH, occurred_at: AT, actor: 'engine' }],
};

const EXPORTS: Record<string, ExportState> = {
  'an export begins': { name: 'running', events: 0, of: null },
  'an export is under way': { name: 'running', events: 24_310, of: 100_000 },
  'an export is saved': { name: 'saved', events: 100_001, file: 'audit-acme.ndjson' },
  'an export is cancelled': { name: 'cancelled' },
  'an export breaks': { name: 'broken', events: 24_310 },
  'an export is refused': { name: 'refused', title: 'Not exported now', message: 'Wait 40 seconds.' },
};

const MOMENTS: Record<string, ReactNode> = {
  'GitHub is loading': <GitHubBoxes steps={null} />,
  'a list is loading': <SkeletonRows rows={5} />,
  'the audit log is loading': <AuditLogBoxes />,
  'a verification begins': <VerificationPending progress={null} />,
  'a verification is under way': <VerificationPending progress={{ events: 40_000, of: 120_000 }} />,
};

const FAULTS: Record<string, ReactNode> = {
  'a token that our log does not hold': <ComparisonResult comparison={COMPARISON} />,
  'a log of another App': (
    <ComparisonResult comparison={{ ...COMPARISON, entries_of_app: 0, unknown: [], unused: [] }} />
  ),
  'an unexpected error': (
    <MessagePage
      code="500"
      title="Something went wrong on our side"
      actions={<Button variant="primary">Try again</Button>}
      requestId="6b1d9c54-0c0e-4d3e-9f49-3a0cf3f6d0aa"
      reference="2208161736"
    >
      Your last action may not have completed. Check before trying again.
    </MessagePage>
  ),
};

/** Fixed, because a random key would make every screenshot different. */
const KEY = `psk_demo_${'sample'.repeat(6)}xx`;

const COMMANDS = firstClone('https://pulsestream.example', {
  full_name: 'acme/api',
  clone_url: 'https://github.com/acme/api.git',
});

/**
 * Shows the states that no URL leads to, because they're brief, or need a fault or another configuration. For all other
 * states, browser tests visit the real pages. This page exists only in dev and demo.
 */
export default async function StatesPage() {
  // Render at request time, because the configuration isn't available to the build.
  await connection();
  const { environment } = getConfig();
  if (environment !== 'dev' && environment !== 'demo') notFound();
  return (
    <main id="content" tabIndex={-1} className="mx-auto grid max-w-6xl grid-cols-1 gap-10 px-4 py-10">
      <h1 className="font-semibold text-2xl tracking-tight">States to which no address leads</h1>
      {Object.entries({ ...MOMENTS, ...FAULTS }).map(([name, state]) => (
        <State key={name} name={name}>
          {state}
        </State>
      ))}
      {Object.entries(EXPORTS).map(([name, state]) => (
        <State key={name} name={name}>
          <ExportStatus
            state={state}
            onCancel={doNothing}
            onRetry={doNothing}
            onDismiss={doNothing}
            className="max-w-96"
          />
        </State>
      ))}
      <State name="a key is shown once">
        <NewKey
          notice={<NewKeyNotice />}
          created={{ name: 'engine', key: KEY, note: '', commands: COMMANDS }}
          doneHref="?"
        />
      </State>
      <State name="every way to sign in">
        <SignInCard
          providers={[
            { id: 'github', name: 'GitHub' },
            { id: 'google', name: 'Google' },
            { id: 'oidc', name: 'Acme SSO' },
          ]}
          devLogin
          csrfToken="sample"
          callbackUrl="/"
          error="The sign-in was interrupted."
        />
      </State>
    </main>
  );
}

function State({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section aria-label={name} className="grid min-w-0 grid-cols-1 gap-4 border-t pt-4">
      <h2 className="text-muted text-xs">{name}</h2>
      {children}
    </section>
  );
}
