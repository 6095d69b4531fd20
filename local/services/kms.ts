/**
 * Serves AWS KMS's JSON protocol over HTTP, with real signatures. Clients find this server through the AWS SDK's own
 * variable `AWS_ENDPOINT_URL_KMS`.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
import { constants, createPrivateKey, type KeyObject, privateEncrypt } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arnOf, importOperations, KmsError, type Operation } from './kms-import';

/** A received request. Tests use the body to check that only a digest was sent. */
export interface KmsRequest {
  target: string | undefined;
  body: Record<string, unknown>;
}

export interface LocalKms {
  url: string;
  /** The variables that point the AWS SDK to this server, with made-up credentials. */
  environment: Record<string, string>;
  requests: KmsRequest[];
  /** Responds to the next `times` requests with KMS's status 500. */
  failNext(times: number): void;
  /** Refuses an operation from now on, as for a principal without the permission. */
  refuse(operation: string): void;
  close(): Promise<void>;
}

/**
 * The `DigestInfo` of SHA-256 (RFC 8017, 9.2, note 1). PKCS#1 v1.5 puts these bytes before the 32 bytes of the digest.
 */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * Starts the server.
 *
 * @param keys PEM by key id; a request for any other id fails
 */
export async function startLocalKms(keys: Record<string, string>): Promise<LocalKms> {
  const known = new Map(Object.entries(keys).map(([id, pem]) => [id, createPrivateKey(pem)]));
  const operations: Record<string, Operation> = { 'TrentService.Sign': sign, ...importOperations() };
  const requests: KmsRequest[] = [];
  const refused = new Set<string>();
  let failures = 0;
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    try {
      const asked = await readRequest(request);
      requests.push(asked);
      if (failures > 0) {
        failures--;
        throw new KmsError('KMSInternalException', 'try again', 500);
      }
      if (refused.has(asked.target ?? '')) throw new KmsError('AccessDeniedException', 'not authorized');
      answer(200, operate(operations, asked, request.headers.authorization, known));
    } catch (error) {
      const { type, message, status } =
        error instanceof KmsError ? error : new KmsError('KMSInternalException', String(error), 500);
      answer(status, { __type: type, message });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    environment: {
      AWS_ENDPOINT_URL_KMS: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIALOCALKMS',
      AWS_SECRET_ACCESS_KEY: 'not-a-secret',
    },
    requests,
    failNext: (times) => {
      failures = times;
    },
    refuse: (operation) => void refused.add(`TrentService.${operation}`),
    close: () => close(server),
  };
}

async function readRequest(request: IncomingMessage): Promise<KmsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (body === null || typeof body !== 'object') throw new KmsError('SerializationException', 'no object');
  return { target: request.headers['x-amz-target']?.toString(), body: body as Record<string, unknown> };
}

function operate(
  operations: Record<string, Operation>,
  { target, body }: KmsRequest,
  authorization: string | undefined,
  keys: Map<string, KeyObject>,
): object {
  if (!authorization?.startsWith('AWS4-HMAC-SHA256 '))
    throw new KmsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  const operation = operations[target ?? ''];
  if (operation === undefined) throw new KmsError('UnknownOperationException', '');
  return operation(body, keys);
}

function sign(body: Record<string, unknown>, keys: Map<string, KeyObject>): object {
  const key = keys.get(String(body.KeyId));
  if (key === undefined) throw new KmsError('NotFoundException', `Key '${body.KeyId}' does not exist`);
  if (body.SigningAlgorithm !== 'RSASSA_PKCS1_V1_5_SHA_256' || body.MessageType !== 'DIGEST')
    throw new KmsError('ValidationException', 'this stand-in signs SHA-256 digests with PKCS#1 v1.5 only');
  const digest = Buffer.from(String(body.Message), 'base64');
  if (digest.length !== 32) throw new KmsError('ValidationException', 'Digest is invalid length');
  const signature = privateEncrypt(
    { key, padding: constants.RSA_PKCS1_PADDING },
    Buffer.concat([SHA256_DIGEST_INFO, digest]),
  );
  return {
    KeyId: arnOf(String(body.KeyId)),
    Signature: signature.toString('base64'),
    SigningAlgorithm: body.SigningAlgorithm,
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
