import { z } from 'zod';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { callGitHub, unexpectedAnswer } from './client';
import { nextLink } from './pages';

/** A failed attempt in GitHub's delivery log. A redelivery adds another attempt with the same GUID. */
export type FailedDelivery = {
  /** Decimal digits. GitHub's delivery ids have 64 bits, and a JavaScript number would round them. */
  id: string;
  /** `X-GitHub-Delivery` */
  guid: string;
  deliveredAt: Date;
  installationId: number | null;
  /** True while the attempt's result is missing from GitHub's log. */
  isPending: boolean;
};

/**
 * Reads a delivery id. Octokit parses integers beyond 2^53 as `bigint`. A plain number that large is rejected, because
 * it has been rounded and would identify a different delivery.
 */
const DeliveryId = z.union([z.int().positive(), z.bigint().positive()]).transform(String);

const Item = z.object({
  id: DeliveryId,
  guid: z.string().min(1),
  delivered_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  status: z.string().catch(''),
  status_code: z.int(),
  redelivery: z.boolean().catch(false),
  installation_id: z.int().positive().nullish().catch(null),
});
type Item = z.output<typeof Item>;

const ROUTE = 'GET /app/hook/deliveries';
const PER_PAGE = 100;

/**
 * Lists the deliveries that this app didn't accept, newest first, page by page. An unreadable delivery is logged and
 * skipped. We also filter out successful deliveries ourselves, because some servers ignore `status` and return them
 * all.
 *
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
 */
export async function* listFailedDeliveries(): AsyncGenerator<FailedDelivery[]> {
  for (let cursor: string | undefined; ; ) {
    const { data, status, headers } = await callGitHub({ as: 'app' }, ROUTE, {
      per_page: PER_PAGE,
      status: 'failure',
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (!Array.isArray(data)) throw unexpectedAnswer(ROUTE, status);
    yield data.flatMap(readItem).filter(isFailed).map(toDelivery);
    cursor = nextCursor(headers.link);
    if (cursor === undefined) return;
  }
}

/** The newest attempts in GitHub's delivery log, whatever their result. */
export type RecentDelivery = FailedDelivery & {
  statusCode: number;
  isRedelivery: boolean;
  isAccepted: boolean;
};

/**
 * Lists the newest attempts to deliver, newest first: one page of GitHub's log.
 *
 * @throws {GitHubError}
 */
export async function listRecentDeliveries(): Promise<RecentDelivery[]> {
  const { data, status } = await callGitHub({ as: 'app' }, ROUTE, { per_page: PER_PAGE });
  if (!Array.isArray(data)) throw unexpectedAnswer(ROUTE, status);
  return data.flatMap(readItem).map((item) => ({
    ...toDelivery(item),
    statusCode: item.status_code,
    isRedelivery: item.redelivery,
    isAccepted: !isFailed(item),
  }));
}

function toDelivery(item: Item): FailedDelivery {
  return {
    id: item.id,
    guid: item.guid,
    deliveredAt: new Date(item.delivered_at),
    installationId: item.installation_id ?? null,
    isPending: item.status === 'pending',
  };
}

/**
 * Parses one delivery of GitHub's log.
 *
 * @returns an empty array if the delivery is unreadable, so that the others can still be used
 */
function readItem(value: unknown): Item[] {
  const parsed = Item.safeParse(value);
  if (parsed.success) return [parsed.data];
  const fields = parsed.error.issues.map(({ path }) => path.join('.'));
  log.warn({ fields }, 'a delivery in GitHub’s log could not be read and is skipped');
  return [];
}

function isFailed({ status_code }: Item): boolean {
  return status_code < 200 || status_code >= 400;
}

/**
 * Reads only the cursor from the link to the next page. The request itself goes to the configured API, whatever host
 * the link names.
 */
function nextCursor(link: string | undefined): string | undefined {
  const target = nextLink(link);
  const { apiUrl } = getConfig().github;
  if (target === undefined || !URL.canParse(target, apiUrl)) return undefined;
  return new URL(target, apiUrl).searchParams.get('cursor') ?? undefined;
}

/**
 * Asks GitHub to attempt the delivery once more.
 *
 * @throws {GitHubError}
 */
export async function requestRedelivery(deliveryId: string): Promise<void> {
  await callGitHub({ as: 'app' }, 'POST /app/hook/deliveries/{delivery_id}/attempts', {
    // Octokit's type is `number`, which can't hold the id. A string works too, because the id is only put into the
    // path.
    delivery_id: deliveryId as unknown as number,
  });
}
