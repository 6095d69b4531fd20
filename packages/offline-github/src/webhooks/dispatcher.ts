import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { Complaints } from '../description/complaints';
import { observeWebhook } from '../description/observe';
import type { Knobs, WebhookKnobs } from '../knobs';
import type { AppSettings } from '../settings';
import { type Delivery, type DeliveryContext, DeliveryLog } from './delivery-log';
import type { JsonObject } from './payloads';
import { send } from './send';
import { signDelivery } from './sign';

/**
 * Sends webhooks in the background, each once and in order, unless a knob changes that. Like GitHub, it does not retry
 * a failed delivery.
 * https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
 */
export class Dispatcher {
  readonly log = new DeliveryLog();
  #queue: Delivery[] = [];
  #shuffled: Delivery[] = [];
  #held: Delivery[] = [];
  #running = 0;
  #delayed = 0;
  #shuffleTimer: NodeJS.Timeout | null = null;
  #idle: (() => void)[] = [];
  #closed = new AbortController();

  constructor(
    private readonly settings: AppSettings,
    private readonly clock: Clock,
    private readonly knobs: Knobs,
    private readonly complaints: Complaints | null,
  ) {}

  /** Logs a delivery and queues it, unless a knob drops or holds it. Returns the GUID. */
  emit(event: string, payload: JsonObject, context: DeliveryContext = {}): string {
    const delivery = this.log.add(event, payload, context, this.clock.now(), randomUUID());
    if (this.complaints) observeWebhook(this.complaints, event, payload);
    const knobs = this.knobs.current.webhooks;
    if (this.settings.webhookUrl === null) delivery.status = 'no webhook URL';
    else if (!applies(knobs, delivery)) this.#enqueue(delivery);
    else this.#disturb(delivery, knobs);
    return delivery.guid;
  }

  /** Sends a delivery again with the same GUID, signed with the current secret. Returns false if the id is unknown. */
  redeliver(id: string): boolean {
    const original = this.log.find(id);
    if (!original) return false;
    const again = this.log.addRedelivery(original, this.clock.now());
    if (this.settings.webhookUrl === null) again.status = 'no webhook URL';
    else this.#enqueue(again);
    return true;
  }

  /** Sends the deliveries held back by the `hold` knob, in order. Returns their number. */
  release(): number {
    const held = this.#held.splice(0);
    for (const delivery of held) this.#enqueue(delivery);
    return held.length;
  }

  get heldCount(): number {
    return this.#held.length;
  }

  /** Resolves when no delivery is queued, delayed or being sent. Held deliveries stay held. */
  async flush(): Promise<void> {
    this.#releaseShuffled();
    while (this.#busy()) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
      this.#releaseShuffled();
    }
  }

  close(): void {
    this.#closed.abort();
    this.#queue = [];
    this.#shuffled = [];
    if (this.#shuffleTimer) clearTimeout(this.#shuffleTimer);
  }

  #busy(): boolean {
    return this.#queue.length + this.#running + this.#delayed + this.#shuffled.length > 0;
  }

  #disturb(delivery: Delivery, knobs: WebhookKnobs): void {
    if (this.knobs.random.next() < knobs.drop) {
      delivery.status = 'dropped by knob';
      return;
    }
    const copies = this.knobs.random.next() < knobs.duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#place(delivery, knobs);
  }

  #place(delivery: Delivery, knobs: WebhookKnobs): void {
    if (knobs.hold) this.#held.push(delivery);
    else if (knobs.shuffle) this.#shuffleLater(delivery, knobs.shuffleWindowMs);
    else if (knobs.delayMs > 0) this.#delay(delivery, knobs.delayMs);
    else this.#enqueue(delivery);
  }

  #shuffleLater(delivery: Delivery, windowMs: number): void {
    this.#shuffled.push(delivery);
    this.#shuffleTimer ??= setTimeout(() => this.#releaseShuffled(), windowMs).unref();
  }

  #releaseShuffled(): void {
    if (this.#shuffleTimer) clearTimeout(this.#shuffleTimer);
    this.#shuffleTimer = null;
    for (const delivery of this.knobs.random.shuffle(this.#shuffled.splice(0))) this.#enqueue(delivery);
  }

  #delay(delivery: Delivery, ms: number): void {
    this.#delayed += 1;
    setTimeout(() => {
      this.#delayed -= 1;
      this.#enqueue(delivery);
    }, ms).unref();
  }

  #enqueue(delivery: Delivery): void {
    if (this.#closed.signal.aborted) return;
    this.#queue.push(delivery);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < this.knobs.current.webhooks.concurrency) {
      const delivery = this.#queue.shift();
      if (!delivery) break;
      this.#running += 1;
      void this.#deliver(delivery).finally(() => {
        this.#running -= 1;
        this.#pump();
        if (!this.#busy()) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { webhookUrl } = this.settings;
    if (webhookUrl === null) {
      delivery.status = 'no webhook URL';
      return;
    }
    const signed = signDelivery(this.settings, delivery.event, delivery.payload, { guid: delivery.guid });
    delivery.url = webhookUrl;
    delivery.requestHeaders = signed.headers;
    delivery.deliveredAt = this.clock.now();
    Object.assign(delivery, await send(webhookUrl, signed, this.#closed.signal));
    delivery.attempts += 1;
  }
}

function applies(knobs: WebhookKnobs, delivery: Delivery): boolean {
  if (knobs.only.length === 0) return true;
  return knobs.only.includes(delivery.event) || knobs.only.includes(`${delivery.event}.${delivery.action}`);
}
