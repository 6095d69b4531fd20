'use client';

import { Failure } from '@/components/errors/failure';

export default function RootError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <main id="content" tabIndex={-1} className="px-4 outline-none">
      <Failure error={error} retry={retry} />
    </main>
  );
}
