/** Reads the configuration of this command. No other file reads `process.env`, but to pass it on to a child. */
import type { Auth } from '../index.js';
import { CommandError, EXIT } from './exit-codes.js';

type Environment = Readonly<NodeJS.ProcessEnv>;

export interface Settings {
  url: string;
  workspace: string | undefined;
  audience: string | undefined;
  auth: Auth;
  /** Names the variable that chose the identity, for messages. It never holds the value. */
  identity: string;
}

/** Names the socket of the `pulsestream` that started this one, directly or through git. */
export const SESSION = 'PULSESTREAM_SESSION';

/** The identities that can be configured, each by its variable. */
const IDENTITIES = [
  { name: 'PULSESTREAM_API_KEY', auth: (apiKey: string): Auth => ({ apiKey }) },
  { name: 'PULSESTREAM_API_KEY_FILE', auth: (apiKeyFile: string): Auth => ({ apiKeyFile }) },
  {
    name: 'PULSESTREAM_IDENTITY_TOKEN_FILE',
    auth: (identityTokenFile: string): Auth => ({ identityTokenFile }),
  },
] as const;

/** Set by GitHub Actions in jobs with the permission `id-token: write`. */
const ACTIONS = 'ACTIONS_ID_TOKEN_REQUEST_URL';

/**
 * Reads the control plane's URL and the identity to present.
 *
 * @throws CommandError that names each variable to set, and never a value
 */
export function readSettings(env: Environment): Settings {
  const url = env.PULSESTREAM_URL;
  if (!url) throw misconfigured('Set PULSESTREAM_URL to the URL of the control plane.');
  return {
    url,
    workspace: env.PULSESTREAM_WORKSPACE || undefined,
    audience: env.PULSESTREAM_AUDIENCE || undefined,
    ...readIdentity(env),
  };
}

function readIdentity(env: Environment): Pick<Settings, 'auth' | 'identity'> {
  const set = IDENTITIES.filter(({ name }) => env[name]);
  const [first, ...others] = set;
  if (others.length > 0) throw misconfigured(`Set only one of ${set.map(({ name }) => name).join(' and ')}.`);
  if (first) return { auth: first.auth(env[first.name] ?? ''), identity: first.name };
  if (env[ACTIONS]) return { auth: { ambient: 'github-actions' }, identity: 'GitHub Actions' };
  const names = IDENTITIES.map(({ name }) => name).join(', ');
  throw misconfigured(
    `Set one of ${names}. A job of GitHub Actions needs none of them, but the permission id-token: write.`,
  );
}

function misconfigured(message: string): CommandError {
  return new CommandError(EXIT.configuration, message);
}

/** Hold an identity, or lead to one. */
const CREDENTIALS = [...IDENTITIES.map(({ name }) => name), 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', ACTIONS];

/** Variables that make git or Git LFS write credentials, or what decrypts them, to a trace or a file. */
const REVEALING = ['GIT_TRACE_REDACT', 'LFS_DEBUG_HTTP', 'SSLKEYLOGFILE'];

/** Variables that accept any certificate, or point a new clone at another repository. */
const MISLEADING = [
  'GIT_SSL_NO_VERIFY',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
];

/** Returns the environment for git: it reaches the session's socket, and no identity of ours. */
export function environmentOfGit(env: Environment, socket: string): NodeJS.ProcessEnv {
  return {
    ...without(env, [...CREDENTIALS, ...REVEALING, ...MISLEADING]),
    [SESSION]: socket,
    // An empty value also overrules core.askPass, so that nobody is asked for a password.
    GIT_ASKPASS: '',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/**
 * Returns the environment for the command of `exec`. The command gets a token instead of our identity. It keeps the
 * identity of a GitHub Actions job, which other steps of the command may need.
 */
export function environmentOfCommand(
  env: Environment,
  { socket, token, git }: { socket: string; token: string; git: readonly (readonly [string, string])[] },
): NodeJS.ProcessEnv {
  const names = IDENTITIES.map(({ name }) => name);
  const first = Number.parseInt(env.GIT_CONFIG_COUNT ?? '0', 10) || 0;
  const entries = git.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return {
    ...without(env, [...names, ...REVEALING]),
    ...Object.fromEntries(entries),
    GIT_CONFIG_COUNT: String(first + git.length),
    [SESSION]: socket,
    GITHUB_TOKEN: token,
  };
}

function without(env: Environment, names: readonly string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept) as NodeJS.ProcessEnv;
}

/** True if git prints its HTTP headers. It redacts `Authorization`, but in HTTP/2 not with every version of curl. */
export function tracesHttp(env: Environment): boolean {
  return Boolean(env.GIT_TRACE_CURL ?? env.GIT_CURL_VERBOSE);
}
