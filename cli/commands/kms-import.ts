import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { command } from '../command';
import { importKey, readAppKey } from '../import-key';

/** KMS reserves `alias/aws/` for its own keys. */
export const KeyAlias = z.string().regex(/^alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/, {
  error: 'must begin with alias/',
});

/** Imports the App's private key into AWS KMS. The PEM arrives on standard input, so that no copy is made on disk. */
export const kmsImport = command({
  summary:
    'Import the App’s private key (PEM on standard input) into AWS KMS, and print GITHUB_APP_KMS_KEY_ID',
  usage: '--alias alias/pulsestream-staging < KEY.pem',
  isOffline: () => true,
  options: z.strictObject({ alias: KeyAlias }),
  async run({ alias }) {
    const { arn } = await importKey(readAppKey(await text(process.stdin)), alias);
    return { GITHUB_APP_KMS_KEY_ID: arn, alias };
  },
});
