/** What an operator of the server can set, read from the environment by `main.ts` and checked here. */
import { resolve } from 'node:path';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { S3Settings } from './blobs/s3-client.ts';
import { parseWitnesses } from './log/cosigners.ts';
import type { WitnessAddress } from './log/cosigners.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly webRoot: string;
  /** Origins clients use; requests signed for another authority are refused. */
  readonly publicOrigins: readonly string[];
  /** Origins of apps hosted elsewhere that may call this API from a browser. */
  readonly appOrigins: readonly string[];
  /** Where the app served here finds the API; `null`: at its own origin. */
  readonly apiOrigin: string | null;
  /** Sets up deployments from elsewhere than this machine; `null`: one is made and printed at the first start. */
  readonly setupToken: string | null;
  /** Who is asked to cosign the log. */
  readonly witnesses: readonly WitnessAddress[];
  /** A PostgreSQL database that several processes may share; `null`: SQLite in `dataDir`. Holds a password: never printed. */
  readonly databaseUrl: string | null;
  /** Storage for sealed files; `null`: `dataDir`. */
  readonly s3: S3Settings | null;
  /** Where Prometheus asks; `null`: nowhere. */
  readonly metrics: { readonly port: number; readonly host: string } | null;
  /** How long the server keeps what it wrote down about who sent and fetched what. */
  readonly retainAccessDays: number;
  /** How long it keeps bundles that every device of their organisation has fetched; `null`: as long as they are listed. */
  readonly retainBundleDays: number | null;
  /** How long it keeps decided access requests and their decisions; `null`: for ever. */
  readonly retainRequestDays: number | null;
  /** From which level on the server writes to its log. */
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ['warn', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ConfigError {
  readonly kind: 'wrong-setting';
  readonly name: string;
  readonly expected: string;
}

/** Reads the settings out of `environment`; `here` is the folder of this package. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  here: string,
): Result<Config, ConfigError> {
  const port = environment['PORT'] ?? '8787';
  if (!isPort(port)) return wrong('PORT', 'a port number');
  const metricsPort = environment['METRICS_PORT'] ?? '';
  if (metricsPort !== '' && !isPort(metricsPort)) return wrong('METRICS_PORT', 'a port number');
  const logLevel = LOG_LEVELS.find((level) => level === (environment['LOG_LEVEL'] ?? 'warn'));
  if (logLevel === undefined) return wrong('LOG_LEVEL', LOG_LEVELS.join(' or '));
  const publicOrigins = readOrigins(environment['PUBLIC_ORIGINS']);
  if (publicOrigins === null) return wrong('PUBLIC_ORIGINS', SEVERAL_ORIGINS);
  const appOrigins = readOrigins(environment['APP_ORIGINS']);
  if (appOrigins === null) return wrong('APP_ORIGINS', SEVERAL_ORIGINS);
  const apiOrigins = readOrigins(environment['API_ORIGIN']);
  if (apiOrigins === null || apiOrigins.length > 1)
    return wrong('API_ORIGIN', 'one origin such as https://api.example');
  const setupToken = environment['SETUP_TOKEN'] ?? '';
  if (setupToken !== '' && setupToken.length < 16) return wrong('SETUP_TOKEN', 'at least 16 characters');
  const witnesses = parseWitnesses(environment['WITNESSES'] ?? '');
  if (witnesses === null)
    return wrong('WITNESSES', 'pairs of key and URL (name+hash+key https://…), separated by commas');
  const databaseUrl = environment['DATABASE_URL'] ?? '';
  if (databaseUrl !== '' && !isPostgresUrl(databaseUrl))
    return wrong('DATABASE_URL', 'postgresql://user:password@host:port/database');
  const s3 = readS3(environment);
  if (!s3.ok) return s3;
  const accessDays = readDays(environment, 'RETAIN_ACCESS_DAYS', RETAIN_DAYS);
  if (!accessDays.ok) return accessDays;
  const bundleDays = readDays(environment, 'RETAIN_BUNDLE_DAYS', null);
  if (!bundleDays.ok) return bundleDays;
  const requestDays = readDays(environment, 'RETAIN_REQUEST_DAYS', null);
  if (!requestDays.ok) return requestDays;
  return ok({
    port: Number(port),
    host: environment['HOST'] ?? '127.0.0.1',
    dataDir: resolve(environment['DATA_DIR'] ?? '.data'),
    webRoot: resolve(environment['WEB_ROOT'] ?? resolve(here, '../web/build')),
    publicOrigins,
    appOrigins,
    apiOrigin: apiOrigins[0] ?? null,
    setupToken: setupToken === '' ? null : setupToken,
    witnesses,
    databaseUrl: databaseUrl === '' ? null : databaseUrl,
    s3: s3.value,
    metrics:
      metricsPort === '' ? null : { port: Number(metricsPort), host: environment['METRICS_HOST'] ?? '127.0.0.1' },
    logLevel,
    retainAccessDays: accessDays.value,
    retainBundleDays: bundleDays.value,
    retainRequestDays: requestDays.value,
  });
}

/** What a CERT is asked for most is asked within a quarter of a year: less is never kept in silence. */
const RETAIN_DAYS = 90;

/** What is in force, for the operator to read at the start: every setting, and no secret. */
export function describeConfig(config: Config): readonly string[] {
  const { metrics, databaseUrl, s3, publicOrigins, appOrigins, witnesses } = config;
  const list = (items: readonly string[], none: string): string => (items.length === 0 ? none : items.join(', '));
  return [
    `Listens: ${config.host}:${config.port}`,
    `Data: ${config.dataDir}`,
    `Database: ${databaseUrl === null ? 'SQLite in the data folder' : `PostgreSQL at ${new URL(databaseUrl).host}`}`,
    `Sealed files: ${s3 === null ? 'in the data folder' : `S3 at ${new URL(s3.endpoint).host}`}`,
    `Public origins: ${list(publicOrigins, 'this machine only')}`,
    `Apps elsewhere: ${list(appOrigins, 'none')}`,
    `Witnesses: ${list(
      witnesses.map(({ key }) => key.name),
      'none',
    )}`,
    `Metrics: ${metrics === null ? 'off (METRICS_PORT)' : `${metrics.host}:${metrics.port}`}`,
    `Access events: kept ${daysOf(config.retainAccessDays)}`,
    `Bundles: kept ${config.retainBundleDays === null ? 'as long as they are listed' : `${daysOf(config.retainBundleDays)}, and until every device has fetched them`}`,
    `Access requests: kept ${config.retainRequestDays === null ? 'for ever' : `${daysOf(config.retainRequestDays)} after they were decided`}`,
    `Setup token: ${config.setupToken === null ? 'the one made at the first start' : 'as configured'}`,
  ];
}

function daysOf(days: number): string {
  return `${days} days${days < RETAIN_DAYS ? `, less than the usual ${RETAIN_DAYS}` : ''}`;
}

/** Days that something is kept; less than usual must be said twice. */
function readDays<Default extends number | null>(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  usual: Default,
): Result<number | Default, ConfigError> {
  const text = environment[name] ?? '';
  if (text === '') return ok(usual);
  if (!/^[1-9]\d{0,4}$/.test(text)) return wrong(name, 'days, 1 to 99999');
  if (Number(text) < RETAIN_DAYS && environment['RETAIN_LESS'] !== 'yes')
    return wrong(name, `at least ${RETAIN_DAYS} days, or RETAIN_LESS=yes beside it`);
  return ok(Number(text));
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

/** The authorities (RFC 9421, 2.2.3) requests may be signed for: those configured, else this machine's names at `port`. */
export function authoritiesOf(origins: readonly string[], port: number): readonly string[] {
  return originsOrLocal(origins, port).map((origin) => new URL(origin).host);
}

/** The configured origins, else localhost and 127.0.0.1 at `port`. */
export function originsOrLocal(origins: readonly string[], port: number): readonly string[] {
  return origins.length > 0 ? origins : [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
}

const SEVERAL_ORIGINS = 'origins such as https://sealpost.example, separated by commas';

/** Origins of a list, `null` if one of them is none. */
function readOrigins(text = ''): readonly string[] | null {
  const origins = text.split(/[\s,]+/).filter((origin) => origin !== '');
  return origins.every(isOrigin) ? origins.map((origin) => new URL(origin).origin) : null;
}

/** A star would be taken as a host by URL, and as all hosts by a content security policy. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    !text.includes('*') &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.origin === text.replace(/\/$/, '')
  );
}

/** `null` without `S3_ENDPOINT`; then all others are needed but the region. */
function readS3(environment: Readonly<Record<string, string | undefined>>): Result<S3Settings | null, ConfigError> {
  const endpoint = environment['S3_ENDPOINT'] ?? '';
  if (endpoint === '') return ok(null);
  if (!isOrigin(endpoint)) return wrong('S3_ENDPOINT', 'an origin such as https://s3.example.org');
  const bucket = environment['S3_BUCKET'] ?? '';
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return wrong('S3_BUCKET', 'the name of a bucket');
  const accessKeyId = environment['S3_ACCESS_KEY_ID'] ?? '';
  if (accessKeyId === '') return wrong('S3_ACCESS_KEY_ID', 'an access key');
  const secretAccessKey = environment['S3_SECRET_ACCESS_KEY'] ?? '';
  if (secretAccessKey === '') return wrong('S3_SECRET_ACCESS_KEY', 'the secret of that access key');
  const region = environment['S3_REGION'] ?? 'us-east-1';
  return ok({ endpoint: new URL(endpoint).origin, bucket, region, accessKeyId, secretAccessKey });
}

function isPostgresUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'postgresql:' || url.protocol === 'postgres:') && url.pathname.length > 1;
}

function wrong(name: string, expected: string): { readonly ok: false; readonly error: ConfigError } {
  return err({ kind: 'wrong-setting', name, expected });
}
