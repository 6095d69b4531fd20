import { NextResponse } from 'next/server';
import { route } from '@/lib/http/route';
import { checkReadiness } from '@/lib/server/readiness';

export const GET = route({ auth: 'none' }, async () => {
  const { ready, checks, reasons } = await checkReadiness();
  return NextResponse.json(
    { status: ready ? 'ok' : 'unavailable', checks, ...(ready ? {} : { reasons }) },
    { status: ready ? 200 : 503 },
  );
});
