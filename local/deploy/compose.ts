/** Reads `compose.yaml` as `docker compose` does: anchors merged and variables replaced. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Service {
  image?: string;
  build?: string | { context: string; dockerfile: string };
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  tmpfs?: string[];
  ports?: string[];
  networks?: string[];
  network_mode?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  privileged?: boolean;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

export interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, null>;
}

export const COMPOSE_FILE = 'compose.yaml';

/** @param variables replace those of the file, such as `PORT`; the others keep their defaults */
export function readCompose(variables: Readonly<Record<string, string>> = {}): Compose {
  const text = readFileSync(COMPOSE_FILE, 'utf8').replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, otherwise: string) => variables[name] ?? otherwise,
  );
  if (/\$\{?\w/.test(text)) throw new Error(`${COMPOSE_FILE} has a variable without a default`);
  const compose: Compose = parse(text, { merge: true });
  for (const service of Object.values(compose.services)) {
    const entries = Object.entries(service.environment ?? {});
    service.environment = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  }
  return compose;
}

/** @throws if the file has no such service */
export function serviceOf({ services }: Compose, name: string): Service {
  const service = services[name];
  if (service === undefined) throw new Error(`${COMPOSE_FILE} has no service ${name}`);
  return service;
}

/** Returns a JSON array or the text after the last such instruction of a Dockerfile. */
export function instructionOf(dockerfile: string, instruction: string): string {
  const lines = [...readFileSync(dockerfile, 'utf8').matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))];
  return lines.at(-1)?.[1] ?? '';
}

/** Returns the Dockerfile that a service's image is built from, or undefined if the image comes from a registry. */
export function dockerfileOf({ build }: Service): string | undefined {
  return typeof build === 'string' ? `${build}/Dockerfile` : build && `${build.context}/${build.dockerfile}`;
}
