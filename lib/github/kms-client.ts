import { httpsAgent } from './https-agent';

interface Deadlines {
  connectMs: number;
  requestMs: number;
  attempts: number;
}

/**
 * Loads the AWS SDK and creates a client of KMS that honours `HTTPS_PROXY`. The SDK reads region, credentials and endpoint
 * from AWS's environment variables and metadata. It sends its own requests for credentials, such as those of a Kubernetes
 * service account to STS, through the same agent.
 */
export async function openKms({ connectMs, requestMs, attempts }: Deadlines) {
  const kms = await import('./kms-sdk');
  const client = new kms.KMSClient({
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
      httpsAgent: httpsAgent(connectMs),
    },
  });
  return { kms, client };
}
