import { after } from 'next/server';
import { Suspense } from 'react';
import { orNotNow } from '@/app/page-reads';
import { VerificationPending, VerificationResult } from '@/components/audit-log/verification';
import { Alert } from '@/components/ui/alert';
import { type VerificationProgress, verifyAuditChainInSteps } from '@/lib/audit/verify';
import { requireMembership } from '@/lib/auth/session';
import { Problem } from '@/lib/problem';
import { limitWork } from '@/lib/rate-limit/limiter';

type VerificationProps = {
  workspaceId: string;
  /** The admin who started the verification. */
  userId: string;
  dismissHref: string;
  eventHref: (seq: number) => string;
};

/**
 * Verifies the chain and streams the progress, so the rest of the page doesn't wait. React replaces each figure with
 * the next one, without a script of ours. Stops when the user disconnects.
 */
export async function Verification({ workspaceId, userId, dismissHref, eventHref }: VerificationProps) {
  const { value: steps, notNow } = await orNotNow(begin(workspaceId, userId));
  if (steps === null) return <NotNow why={notNow} />;
  const gone = new AbortController();
  // React keeps rendering even after the client has disconnected. This callback runs when the connection ends, for
  // whatever reason, and stops the verification.
  after(async () => {
    gone.abort();
    await steps.return({ ok: false, events: 0, head_hash: '' });
  });
  const run = { steps, gone: gone.signal, dismissHref, eventHref };
  return <Waiting run={run} progress={null} />;
}

async function begin(workspaceId: string, userId: string) {
  await limitWork('whole_log', workspaceId);
  return verifyAuditChainInSteps(workspaceId, () => requireMembership(workspaceId, userId, 'admin'));
}

function NotNow({ why }: { why: string }) {
  return (
    <Alert live tone="warning" title="Not verified now">
      {why}
    </Alert>
  );
}

type Run = {
  steps: ReturnType<typeof verifyAuditChainInSteps>;
  gone: AbortSignal;
  dismissHref: string;
  eventHref: (seq: number) => string;
};

function Waiting({ run, progress }: { run: Run; progress: VerificationProgress | null }) {
  return (
    <Suspense fallback={<VerificationPending progress={progress} />}>
      <NextStep run={run} />
    </Suspense>
  );
}

async function NextStep({ run }: { run: Run }) {
  if (run.gone.aborted) return null;
  // Each step checks the role again, so it also fails if the user is no longer an admin.
  const step = await run.steps.next().catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
  if (step instanceof Problem) return <NotNow why={step.message} />;
  const { done, value } = step;
  return done ? (
    <VerificationResult result={value} dismissHref={run.dismissHref} eventHref={run.eventHref} />
  ) : (
    <Waiting run={run} progress={value} />
  );
}
