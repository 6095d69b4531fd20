import { headers } from 'next/headers';
import { REQUEST_ID_HEADER } from '@/lib/http/request';

/** The id under which this request is in the log. */
export async function requestId(): Promise<string | null> {
  return (await headers()).get(REQUEST_ID_HEADER);
}
