import { getConfig } from '../config';
import { rememberAppKeys } from '../db/app-keys';
import { fingerprintKeys } from '../github/key-fingerprints';
import { log } from '../observability/log';

/**
 * Remembers which keys this process signs with, so that the doctor can tell their age. Never fails: without the row, the
 * age only counts from a later start.
 */
export async function rememberKeysInUse(): Promise<void> {
  try {
    await rememberAppKeys(await fingerprintKeys(getConfig().github.signer));
  } catch (error) {
    log.warn({ err: error }, 'the age of the App’s key could not be recorded');
  }
}
