import { publishedKeys } from '@/lib/evidence/keys';

export const dynamic = 'force-dynamic';

/** Publishes the keys that verify evidence packs. Without any, the file is empty. */
export function GET(): Response {
  return new Response(publishedKeys(), {
    headers: { 'content-type': 'application/x-pem-file', 'cache-control': 'public, max-age=300' },
  });
}
