'use client';

import { Failure } from '@/components/errors/failure';

export default function WorkspaceError({ error, retry }: { error: unknown; retry: () => void }) {
  return <Failure error={error} retry={retry} />;
}
