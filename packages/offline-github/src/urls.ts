/** Where this GitHub is reached; known only once the server listens. Neither ends with a slash. */
export interface Urls {
  origin: string;
  web: string;
  api: string;
  /** Path prefixes of the two, '' or '/like/this'. */
  readonly webBasePath: string;
  readonly apiBasePath: string;
}
