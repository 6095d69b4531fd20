import type { Metadata } from 'next';
import NotFound from '@/app/not-found';
import { answerNotFound, type SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { OperatorChecks } from '@/components/operator/operator-checks';
import { PageHeader } from '@/components/shell/page-header';
import { PendingPage } from '@/components/shell/pending-page';
import { Skeleton } from '@/components/ui/skeleton';
import { findOperator } from '@/lib/auth/operator';
import { quickReport } from '@/lib/doctor/report';
import { runAllChecks } from './actions';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await findOperator()) === null ? 'Not found' : 'Operator' };
}

const HEAD = {
  title: 'Operator',
  description:
    'Whether this environment works, and what to do if it does not. The doctor’s checks, made by the replica that serves this page.',
};

/**
 * The checks of the doctor. Everybody but the users in `OPERATOR_EMAILS` gets the 404 of an unknown path, also where the
 * variable is unset.
 */
export default async function OperatorPage({ searchParams }: { searchParams: SearchParams }) {
  if ((await findOperator()) === null) {
    await answerNotFound();
    return <NotFound />;
  }
  return (
    <PublicPage
      visitor={await readVisitor(searchParams)}
      className="flex max-w-4xl flex-col gap-6 pt-8 pb-20 sm:pt-10"
    >
      <PendingPage label="Running the quick checks" head={HEAD} boxes={<OperatorBoxes />}>
        <Checks />
      </PendingPage>
    </PublicPage>
  );
}

async function Checks() {
  const quick = await quickReport()();
  return (
    <>
      <PageHeader {...HEAD} />
      <OperatorChecks quick={quick} action={runAllChecks} />
    </>
  );
}

function OperatorBoxes() {
  return (
    <>
      <Skeleton shape="card" className="h-28" />
      <Skeleton shape="card" className="h-96" />
    </>
  );
}
