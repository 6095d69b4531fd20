import { NextResponse } from 'next/server';
import { checkReadiness } from '@/lib/server/readiness';
import { route } from '@/lib/http/route';

export const GET = route({ auth: 'none' }, async () => {
  const { ready, checks } = await checkReadiness();
  return NextResponse.json({ status: ready ? 'ok' : 'unavailable', checks }, { status: ready ? 200 : 503 });
});
