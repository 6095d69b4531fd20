/** Lists the rules for `compose.yaml`. Each rule comes with a change that breaks it. */
import { type Compose, dockerfileOf, instructionOf, type Service, serviceOf } from './compose';

export interface ComposeRule {
  name: string;
  /** Returns what is wrong. */
  find(compose: Compose): string[];
  /** Changes one thing, so that `find` has to return it. */
  breakIt(compose: Compose): void;
}

/** Applies a check to every service. */
const ofServices =
  (isRight: (service: Service, compose: Compose, name: string) => boolean | undefined) =>
  (compose: Compose): string[] =>
    Object.entries(compose.services).flatMap(([name, service]) =>
      isRight(service, compose, name) ? [] : [name],
    );

const change = (name: string, changes: Service) => (compose: Compose) =>
  void Object.assign(serviceOf(compose, name), changes);

const COMPLETED = 'service_completed_successfully';

/** True if other services wait for the end of this one. */
const isOneShot = ({ services }: Compose, name: string): boolean =>
  Object.values(services).some(({ depends_on = {} }) => depends_on[name]?.condition === COMPLETED);

const userOf = (service: Service): string => {
  const dockerfile = dockerfileOf(service);
  return service.user ?? (dockerfile === undefined ? '' : instructionOf(dockerfile, 'USER'));
};

/** Returns each value that is, or contains, a credential. */
const credentialsOf = ({ environment = {} }: Service): string[] =>
  Object.entries(environment).flatMap(([name, value]) => {
    const { password = '' } = URL.canParse(value) ? new URL(value) : {};
    if (password !== '') return [password];
    return /SECRET$|PASSWORD$|TOKEN$|KEY$/.test(name) ? [value] : [];
  });

/** Returns the ports that this machine's browser reaches, as they are inside and outside. */
const publishedPorts = (compose: Compose): string[][] =>
  Object.values(compose.services).flatMap(({ ports = [] }) =>
    ports.map((port) => /^127\.0\.0\.1:(\d+):(\d+)$/.exec(port)?.slice(1) ?? [port]),
  );

/** Returns every `localhost` URL of the file's settings. */
const localOrigins = ({ services }: Compose): URL[] =>
  Object.values(services).flatMap(({ environment = {}, command = [] }) =>
    [...Object.values(environment), ...command]
      .flatMap((value) => /https?:\/\/localhost.*/.exec(value) ?? [])
      .map((url) => new URL(url)),
  );

export const COMPOSE_RULES: readonly ComposeRule[] = [
  {
    name: 'names an exact version of every image that is not built here',
    find: ofServices(({ build, image = '' }) => build !== undefined || /:\d+\.\d+(\.\d+)?$/.test(image)),
    breakIt: change('valkey', { image: 'docker.io/valkey/valkey:latest' }),
  },
  {
    name: 'lets no service write outside its volumes, gain privileges or be root',
    find: ofServices(
      (service) =>
        service.read_only === true &&
        service.privileged !== true &&
        service.cap_drop?.includes('ALL') &&
        service.security_opt?.includes('no-new-privileges:true') &&
        /^(?!root|0)\w/.test(userOf(service)),
    ),
    breakIt: change('postgres', { user: 'root' }),
  },
  {
    name: 'mounts nothing of this machine that a service could change',
    find: ofServices(({ volumes = [] }, compose) =>
      volumes.every((volume) => {
        const [source = ''] = volume.split(':');
        return source in compose.volumes || (/^\.\/deploy\/compose\//.test(source) && volume.endsWith(':ro'));
      }),
    ),
    breakIt: change('app', { volumes: ['/var/run/docker.sock:/docker.sock'] }),
  },
  {
    name: 'publishes ports of this machine’s loopback only, under the same number inside',
    find: (compose) =>
      publishedPorts(compose).flatMap(([outside = '', inside]) => (outside === inside ? [] : [outside])),
    breakIt: change('github', { ports: ['3000:3000'] }),
  },
  {
    name: 'lets the database and the store reach nothing else',
    find: (compose) =>
      ['postgres', 'valkey', 'migrate'].filter((name) =>
        serviceOf(compose, name).networks?.some((network) => compose.networks[network]?.internal !== true),
      ),
    breakIt: (compose) => {
      compose.networks.data = {};
    },
  },
  {
    name: 'has app and GitHub share a network, so that localhost is the same for them and the browser',
    find: (compose) => {
      const ports = publishedPorts(compose).map(([outside]) => outside);
      return [
        ...(serviceOf(compose, 'app').network_mode === 'service:github' ? [] : ['app']),
        ...localOrigins(compose).flatMap(({ port, href }) => (ports.includes(port) ? [] : [href])),
      ];
    },
    breakIt: (compose) => {
      serviceOf(compose, 'app').environment = { GITHUB_WEB_URL: 'http://localhost:4001' };
    },
  },
  {
    name: 'checks the health of every service that keeps running',
    find: ofServices(
      ({ healthcheck }, compose, name) => (healthcheck === undefined) === isOneShot(compose, name),
    ),
    breakIt: (compose) => {
      delete serviceOf(compose, 'app').healthcheck;
    },
  },
  {
    name: 'starts a service when those it needs are healthy, and the migration is done',
    find: (compose) => [
      ...ofServices(({ depends_on = {} }) =>
        Object.values(depends_on).every(({ condition }) =>
          ['service_healthy', COMPLETED].includes(condition),
        ),
      )(compose),
      ...(isOneShot(compose, 'migrate') ? [] : ['migrate']),
    ],
    breakIt: (compose) => {
      serviceOf(compose, 'app').depends_on = { migrate: { condition: 'service_started' } };
    },
  },
  {
    name: 'gives the owner’s role to the migration only',
    find: ofServices(
      ({ environment = {} }, _, name) =>
        name === 'migrate' || !JSON.stringify(environment).includes('pulsestream_owner'),
    ),
    breakIt: (compose) => {
      serviceOf(compose, 'app').environment = { DATABASE_URL: 'postgresql://pulsestream_owner@postgres/p' };
    },
  },
  {
    name: 'marks every password and secret as known to everybody',
    find: ofServices((service) => credentialsOf(service).every((value) => value.includes('local-only'))),
    breakIt: (compose) => {
      serviceOf(compose, 'app').environment = { CRON_SECRET: 'a real one' };
    },
  },
];
