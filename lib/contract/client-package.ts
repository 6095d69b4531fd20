/**
 * The path of the client's package, which the app serves itself. The package is in no registry, so a bare
 * `npx pulsestream` would run the code of anyone who takes that name there, with a key in its environment.
 */
export const CLIENT_PACKAGE = '/pulsestream-0.1.0.tgz';
