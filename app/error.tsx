'use client';

import { Failure } from '@/components/errors/failure';
import { CenteredPage } from '@/components/shell/centered-page';

export default function RootError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <CenteredPage>
      <Failure error={error} retry={retry} />
    </CenteredPage>
  );
}
