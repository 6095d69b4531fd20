import { notFound } from 'next/navigation';
import { getConfig } from '@/lib/config';
import { securityTxt } from '@/lib/trust/operator-facts';

export const dynamic = 'force-dynamic';

/** Names the operator's address for vulnerabilities, by RFC 9116. */
export function GET(): Response {
  const text = securityTxt(getConfig(), new Date()) ?? notFound();
  return new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
