import { Text } from './pagination';

/** The scope of a stop: every workspace, one workspace, or one API key. */
export type StopScope = 'everything' | 'workspace' | 'api_key';

/** A stop in force, as its callers learn of it. */
export type MintingStop = { scope: StopScope; reason: string };

/** A stop in force, as pages and the doctor show it. */
export type MintingStopView = MintingStop & {
  stopped_at: string;
  /** `null` if every workspace is stopped. */
  workspace: string | null;
  api_key: { id: string; name: string } | null;
};

/** The operator's reason. It is shown to customers and callers, and is kept in their audit logs. */
export const StopReason = Text(200)
  .trim()
  .min(1)
  .regex(/^\P{Cc}*$/u, { error: 'must be one line' });
