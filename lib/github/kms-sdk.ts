/**
 * The parts of the AWS SDK that are used, by name. `kms-client.ts` loads this file only where a key is in KMS, because
 * the SDK is large. In the bundles of the operator's commands, a dynamic import of the SDK itself has no named exports,
 * because it is a CommonJS package.
 */
export {
  CreateAliasCommand,
  CreateKeyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  paginateListAliases,
  SignCommand,
} from '@aws-sdk/client-kms';
