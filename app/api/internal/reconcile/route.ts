import { Reconciled } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';
import { reconcile } from '@/lib/sync/reconcile';

/** Runs one reconcile pass, for deployments that use a cron job instead of the loop inside the server. */
export const POST = route(
  {
    access: 'cron',
    limits: { address: 'api' },
    id: 'reconcile',
    tag: 'Operation',
    summary: 'Reconcile with GitHub',
    answer: { status: 200, description: 'The differences found.', schema: Reconciled },
    problems: ['github_unavailable'],
  },
  () => reconcile(),
);
